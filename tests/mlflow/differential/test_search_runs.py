"""Filters of `runs/search`, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.searching import names, search, three
from tests.mlflow.speaker import Speaker


@alike
def test_all(server: Speaker):
    search(server)


@alike
def test_nothing_is_there(server: Speaker):
    search(server, server.experiment())


@alike
def test_an_experiment_that_is_not_there(server: Speaker):
    search(server, "999999")


@alike
def test_no_experiment(server: Speaker):
    server.post("runs/search", experiment_ids=[])
    server.post("runs/search")


@alike
def test_many_experiments(server: Speaker):
    server.post("runs/search", experiment_ids=[three(server), three(server, 5000)])


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
@alike
def test_a_metric(server: Speaker, operator):
    search(server, filter=f"metrics.loss {operator} 0.1")


@pytest.mark.parametrize(
    "text", ["metric.loss < 1", "metrics.`val/acc` > 0", 'metrics."val/acc" > 0', "metrics.loss<1e-1"]
)
@alike
def test_spellings_of_a_metric(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize("number", ["0", "-1", "0.10", ".1", "1e-1", "1E1", "1."])
@alike
def test_spellings_of_a_number(server: Speaker, number):
    search(server, filter=f"metrics.loss <= {number}")


@alike
def test_a_metric_that_nobody_has(server: Speaker):
    search(server, filter="metrics.nothing > 0")


@pytest.mark.parametrize("value", ["'0.1'", "abc", "''", "('a')"])
@alike
def test_a_metric_against_no_number(server: Speaker, value):
    search(server, filter=f"metrics.loss > {value}")


@pytest.mark.parametrize("operator", ["LIKE", "ILIKE", "IN"])
@alike
def test_a_metric_by_what_compares_texts(server: Speaker, operator):
    search(server, filter=f"metrics.loss {operator} 'a'")


@pytest.mark.parametrize("operator", ["=", "!=", "LIKE", "ILIKE"])
@alike
def test_a_param(server: Speaker, operator):
    search(server, filter=f"params.lr {operator} '0.1'")


@pytest.mark.parametrize(
    "text", ["param.lr = '0.1'", "parameter.lr = '0.1'", 'parameters.lr = "0.1"', "params.`a b` = 'x'"]
)
@alike
def test_spellings_of_a_param(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize("pattern", ["0.%", "%1", "_._", "0._", "%", "0", ""])
@alike
def test_patterns(server: Speaker, pattern):
    search(server, filter=f"params.lr LIKE '{pattern}'")


@alike
def test_patterns_tell_cases_apart(server: Speaker):
    search(server, filter="tags.team LIKE 'team %'")
    search(server, filter="tags.team ILIKE 'team %'")


@pytest.mark.parametrize(
    "text", ["params.lr IS NULL", "params.nothing IS NULL", "params.lr IS NOT NULL", "tags.team is not null"]
)
@alike
def test_what_is_there_or_not(server: Speaker, text):
    search(server, filter=text)


@alike
def test_a_param_against_bare_text(server: Speaker):
    search(server, filter="params.lr = abc")


@pytest.mark.parametrize("operator", ["=", "!=", "LIKE", "ILIKE"])
@alike
def test_a_tag(server: Speaker, operator):
    search(server, filter=f"tags.team {operator} 'Team Beta'")


@pytest.mark.parametrize(
    "text", ["tag.team = 'Team Beta'", "tags.`dotted.key` = '1'", "tags.dotted.key = '1'", 'tags."dotted.key" = "1"']
)
@alike
def test_spellings_of_a_tag(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize("operator", [">", "<=", "=="])
@alike
def test_a_tag_by_what_compares_numbers(server: Speaker, operator):
    search(server, filter=f"tags.team {operator} 'a'")


@pytest.mark.parametrize("text", ["tags.team = 5", "tags.team = abc", "tags.team ="])
@alike
def test_a_tag_against_no_text(server: Speaker, text):
    search(server, filter=text)


@alike
def test_the_tag_of_the_name(server: Speaker):
    search(server, filter="tags.mlflow.runName = 'Beta'")
    search(server, filter="tags.`mlflow.runName` LIKE '%a'")


@pytest.mark.parametrize("status", ["FINISHED", "finished", "NOTHING"])
@alike
def test_a_status(server: Speaker, status):
    search(server, filter=f"attributes.status = '{status}'")


@pytest.mark.parametrize(
    "text", ["status = 'FAILED'", "attribute.status = 'FAILED'", "attr.status = 'FAILED'", "run.status = 'FAILED'"]
)
@alike
def test_spellings_of_an_attribute(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize("name", ["run_name", "`run name`", "`Run name`", "`Run Name`", "attributes.run_name"])
@alike
def test_spellings_of_the_name(server: Speaker, name):
    search(server, filter=f"{name} = 'Beta'")


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
@alike
def test_a_time(server: Speaker, operator):
    search(server, filter=f"start_time {operator} 1001")


@pytest.mark.parametrize("name", ["created", "Created", "attributes.end_time", "end_time"])
@alike
def test_spellings_of_a_time(server: Speaker, name):
    search(server, filter=f"{name} > 1001")


@alike
def test_a_time_against_no_number(server: Speaker):
    search(server, filter="start_time > '1001'")
    search(server, filter="start_time LIKE '1%'")


@alike
def test_a_user(server: Speaker):
    search(server, filter="user_id = 'user1'")
    search(server, filter="attributes.user_id LIKE 'user%'")


@alike
def test_ids(server: Speaker):
    experiment = three(server)
    runs = search(server, experiment).body["runs"]
    first, second = (run["info"]["run_id"] for run in runs[:2])
    for text in (f"run_id = '{first}'", f"run_id IN ('{first}', '{second}')", f"attributes.run_id NOT IN ('{first}')"):
        search(server, experiment, filter=text)


@alike
def test_an_empty_list(server: Speaker):
    search(server, filter="run_id IN ()")


@alike
def test_a_list_without_brackets(server: Speaker):
    search(server, filter="run_id IN 'a'")


@alike
def test_where_the_files_are(server: Speaker):
    search(server, filter="artifact_uri LIKE '%/artifacts'")
    search(server, filter="attributes.artifact_uri = 'nowhere'")


@pytest.mark.parametrize(
    "text", ["colour = 'red'", "attributes.colour = 'red'", "things.a = 'b'", ".a = 'b'", "lifecycle_stage = 'active'"]
)
@alike
def test_what_nobody_knows(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize("word", ["AND", "and", "And"])
@alike
def test_several_conditions(server: Speaker, word):
    search(server, filter=f"metrics.loss > 0 {word} params.lr = '0.1' {word} tags.team LIKE 'Team%'")


@alike
def test_two_conditions_on_one_key(server: Speaker):
    search(server, filter="metrics.loss > 0.05 AND metrics.loss < 0.15")


@pytest.mark.parametrize("text", ["", "   metrics.loss>0   "])
@alike
def test_blanks(server: Speaker, text):
    search(server, filter=text)


@pytest.mark.parametrize(
    "text",
    [
        "metrics.loss",
        "> 0",
        "abc",
        "5",
        "'a'",
    ],
)
@alike
def test_what_is_no_filter(server: Speaker, text):
    search(server, filter=text)


@alike
def test_a_quote_that_is_never_closed(server: Speaker):
    search(server, filter="params.lr = 'abc")


@pytest.mark.parametrize("value", ['say "hi"', "a AND b", "a = b", "(x)", "ünïcode"])
@alike
def test_values_of_odd_texts(server: Speaker, value):
    experiment = server.experiment()
    run = server.run(experiment)
    server.post("runs/log-parameter", run_id=run, key="p", value=value)
    search(server, experiment, filter=f"params.p = '{value}'")


def with_data(server: Speaker) -> str:
    """An experiment with two runs that used data."""
    experiment = server.experiment()
    for number, (name, context) in enumerate([("digits", "training"), ("iris", "test")]):
        run = server.run(experiment, run_name=name, start_time=1000 + number)
        tags = [{"key": "mlflow.data.context", "value": context}]
        dataset = {"name": name, "digest": f"d{number}", "source_type": "local", "source": "{}"}
        server.post("runs/log-inputs", run_id=run, datasets=[{"dataset": dataset, "tags": tags}])
    server.run(experiment, run_name="none", start_time=1005)
    return experiment


@pytest.mark.parametrize(
    "operator", ["= 'digits'", "!= 'digits'", "LIKE 'd%'", "ILIKE 'D%'", "IN ('digits', 'iris')", "NOT IN ('iris')"]
)
@alike
def test_the_name_of_a_dataset(server: Speaker, operator):
    search(server, with_data(server), filter=f"datasets.name {operator}")


@pytest.mark.parametrize(
    "text", ["dataset.digest = 'd1'", "datasets.context = 'training'", "dataset.context LIKE 't%'"]
)
@alike
def test_what_else_a_dataset_says(server: Speaker, text):
    search(server, with_data(server), filter=text)


@alike
def test_two_conditions_on_datasets(server: Speaker):
    search(server, with_data(server), filter="datasets.name = 'digits' AND datasets.context = 'training'")


@pytest.mark.parametrize("text", ["datasets.colour = 'a'", "datasets.name > 'a'", "datasets.name = 5"])
@alike
def test_what_a_dataset_does_not_say(server: Speaker, text):
    search(server, with_data(server), filter=text)


@pytest.mark.parametrize("filter", [5, ["a"], {"a": 1}])
@alike
def test_a_filter_that_is_no_text(server: Speaker, filter):
    search(server, filter=filter)


@pytest.mark.parametrize(
    "text",
    [
        "params.lr < 0.15",
        "params.lr IN ('0.1')",
        "status IN ('FAILED')",
        "tags.team NOT IN ('x')",
        "metrics.loss > 0 OR metrics.loss < 1",
        "NOT metrics.loss > 0",
        "(metrics.loss > 0)",
        "metrics.loss IS NULL",
        "metrics.loss BETWEEN 0 AND 1",
        "params.lr ~ '^0'",
        "min(metrics.loss) > 0",
        "has(metrics.loss)",
        "start_time > '2 days ago'",
    ],
)
@differs("a richer search language", theirs=True, ours=False)
def test_what_only_we_understand(server: Speaker, text):
    return names(server, filter=text) == (400, "INVALID_PARAMETER_VALUE")


@alike
def test_an_and_that_is_missing(server: Speaker):
    search(server, filter="metrics.loss >= 0 params.lr = '0.1'")


@pytest.mark.parametrize("text", ["metrics.loss >= 0 AND", "AND metrics.loss >= 0"])
@differs("an AND too many", theirs=True, ours=False)
def test_an_and_that_is_left_over(server: Speaker, text):
    return isinstance(names(server, filter=text), list)


@differs("filters and orders of nothing", theirs=400, ours=200)
def test_a_filter_of_blanks(server: Speaker):
    return search(server, filter=" ").status
