// Selection on templates/runs/trash.html. Without it the boxes work one by one.
import { selectRows } from "../lib/selection.js";

const form = document.querySelector(".trash-form");
if (form) selectRows(form, ".trash");
