// Wires the Media tab of a run.
import { showButtons } from "../../lib/filter-list.js";
import { wireStepSlider } from "../../lib/media.js";

showButtons();
wireStepSlider();
