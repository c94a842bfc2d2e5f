/** The Hugging Face hub: its names, its cache, and its files, whole or in parts. */
export { type HubFile, snapshotDirectory } from "./cache.ts";
export {
  type CachedFile,
  cachedFile,
  downloadFile,
  type DownloadOptions,
  fetchFile,
  type HubProgress,
} from "./download.ts";
export { HubError, type HubFault } from "./errors.ts";
export { listFiles, readRevision, type Revision } from "./listing.ts";
export { type FileAtCommit, fileMetadata } from "./metadata.ts";
export { openRanged, type RangedFile } from "./ranged.ts";
export { isCommit, isRepoName, pageUrl, parseRepo, type Repo, repoName, type RepoType } from "./repo.ts";
export { HUB_VARIABLES, type HubSettings, hubSettings, PATIENCE, type Patience } from "./settings.ts";
export {
  planSnapshot,
  type Snapshot,
  snapshot,
  type SnapshotKind,
  type SnapshotOptions,
  type SnapshotPlan,
} from "./snapshot.ts";
export { HubToken } from "./token.ts";
export { createRepository, type Upload, uploadFiles } from "./upload.ts";
export { holdsContent } from "./verify.ts";
