/** The optimizer: global norm, clipping, AdamW, learning rate. */
export { adamw, type AdamWConfig, clipFactor, type Group, scheduleValues } from "./adamw.ts";
export { learningRate, type ScheduleConfig } from "./learning_rate.ts";
