/** Files and directories of a run. */
export const RUN_FILES = {
  config: "config.resolved.json",
  kernels: "kernels.json",
  hub: "hub.json",
  lock: ".lock",
  stages: "stages",
  checkpoints: "checkpoints",
  log: "log.jsonl",
  controlLog: "control.log.jsonl",
  results: "results.json",
  student: "student",
  control: "control",
  tasks: "tasks",
  report: "report.html",
  pictures: "pictures",
} as const;
