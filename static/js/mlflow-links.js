// MLflow's clients print addresses of its own pages, such as /#/experiments/0/runs/<id>, and people keep them in notes.
// What follows the # never reaches the server, so the first page sends them on.
const PAGES = [
  [/^#\/experiments\/\d+\/runs\/([\w-]+)\/artifact/, (run) => `/runs/${run}/artifacts/`],
  [/^#\/experiments\/\d+\/runs\/([\w-]+)/, (run) => `/runs/${run}/`],
  [/^#\/experiments\/\d+\/models\/([\w-]+)/, (model) => `/logged-models/${model}/`],
  [/^#\/experiments\/(\d+)/, (experiment) => `/experiments/${experiment}/`],
  [/^#\/compare-runs\?(.+)/, comparison],
  [/^#\/models\/([^/?]+)\/versions\/(\d+)/, (name, version) => `/models/named/?name=${name}&version=${version}`],
  [/^#\/models\/([^/?]+)/, (name) => `/models/named/?name=${name}`],
  [/^#\/models\/?$/, () => "/models/"],
];

function comparison(query) {
  const runs = JSON.parse(new URLSearchParams(query).get("runs") ?? "[]");
  return `/compare/?${new URLSearchParams(runs.map((run) => ["run", run]))}`;
}

function sendOn() {
  for (const [pattern, page] of PAGES) {
    const found = pattern.exec(location.hash);
    if (found) return location.replace(page(...found.slice(1)));
  }
}

addEventListener("hashchange", sendOn);
sendOn();
