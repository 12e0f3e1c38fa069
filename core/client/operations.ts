// Made by scripts/generate from openapi.json. Do not edit.

export type DependSubmit = {
  copy_outputs: boolean;
  on_completed: boolean;
  on_failed: boolean;
  prior_job: string;
};

/** Error information from a response. */
export type Error = {
  error_code?: string;
  message: string;
  request_id: string;
};

export type Factory = {
  enable: boolean;
  hold_workers: boolean;
  id: string;
  last_ping?: string | null;
  name: string;
};

export type FactoryAddresses = {
  cidr: string;
  count: number;
  first: string;
  gateway?: string | null;
  name: string;
  routed: boolean;
};

export type FactoryCreate = {
  name: string;
};

export type FactoryCreateResult = {
  id: string;
  name: string;
  token: string;
};

export type FactoryEnable = {
  hold_workers?: boolean;
};

export type FactoryLease = {
  job: string;
  target: string;
};

export type FactoryLeaseResult = {
  lease?: FactoryLease | null;
};

export type FactoryMetadata = unknown;

export type FactoryPingResult = {
  ok: boolean;
};

export type FactoryWhatsNext = {
  supported_targets: (string)[];
};

export type FactoryWorker = {
  bootstrap: string;
  hold: boolean;
  id: string;
  online: boolean;
  private?: string | null;
  recycle: boolean;
  target: string;
};

export type FactoryWorkerAppend = {
  payload: string;
  stream: string;
  time: string;
};

export type FactoryWorkerAppendResult = {
  retry: boolean;
  next?: number;
};

export type FactoryWorkerAssociate = {
  ip?: string | null;
  metadata?: FactoryMetadata | null;
  private: string;
  details?: Record<string, string>;
};

export type FactoryWorkerCreate = {
  job?: string | null;
  target: string;
  wait_for_flush?: boolean;
};

export type FactoryWorkerResult = {
  worker?: FactoryWorker | null;
};

export type Job = {
  cancelled: boolean;
  id: string;
  name: string;
  output_rules: (string)[];
  owner: string;
  state: string;
  tags: Record<string, string>;
  target: string;
  target_real: string;
  tasks: (Task)[];
  time_archived?: string | null;
  time_purged?: string | null;
  times?: Record<string, string>;
  log?: JobLog | null;
  attempts?: (Attempt)[];
};

export type JobAddInput = {
  chunks: (string)[];
  commit_id: string;
  name: string;
  size: number;
  sha256?: string;
};

export type JobAddInputResult = {
  complete: boolean;
  error?: string | null;
};

export type JobEvent = {
  payload: string;
  seq: number;
  stream: string;
  task?: number | null;
  time: string;
  time_remote?: string | null;
};

export type JobListEntry = {
  cancelled: boolean;
  id: string;
  name: string;
  owner: string;
  state: string;
  /** The original target name specified by the user when the job was created. */
  target: string;
  /** The resolved ID of the concrete target on which this job ran. */
  target_id: string;
};

/** A single page of results */
export type JobListEntryResultsPage = {
  /** list of items on this page of results */
  items: (JobListEntry)[];
  /** token used to fetch the next page of results (if any) */
  next_page?: string | null;
};

export type JobOutput = {
  id: string;
  path: string;
  size: number;
  sha256?: string;
};

export type JobOutputPublish = {
  name: string;
  series: string;
  version: string;
};

export type JobOutputSignedUrl = {
  content_disposition?: string | null;
  content_type?: string | null;
  expiry_seconds: number;
};

export type JobOutputSignedUrlResult = {
  /** Has this file been uploaded to the object store yet? */
  available?: boolean;
  /** Size of the file in bytes. */
  size?: number;
  url: string;
};

export type JobStoreValue = {
  secret: boolean;
  value: string;
};

export type JobStoreValueInfo = {
  secret: boolean;
  source: string;
  time_update: string;
  value?: string | null;
};

export type JobSubmit = {
  depends?: Record<string, DependSubmit>;
  inputs?: (string)[];
  name: string;
  output_rules: (string)[];
  tags?: Record<string, string>;
  target: string;
  tasks: (TaskSubmit)[];
};

export type JobSubmitResult = {
  id: string;
};

export type Quota = {
  max_bytes_per_input: number;
};

export type Target = {
  desc: string;
  id: string;
  name: string;
  privilege?: string | null;
  redirect?: string | null;
};

export type TargetCreate = {
  desc: string;
  name: string;
};

export type TargetCreateResult = {
  id: string;
};

export type TargetRedirect = {
  redirect?: string | null;
};

export type TargetRename = {
  new_name: string;
  signpost_description: string;
};

export type Task = {
  env: Record<string, string>;
  env_clear: boolean;
  gid?: number | null;
  name: string;
  script: string;
  state: string;
  uid?: number | null;
  workdir?: string | null;
};

export type TaskSubmit = {
  env: Record<string, string>;
  env_clear: boolean;
  gid?: number | null;
  name: string;
  script: string;
  uid?: number | null;
  workdir?: string | null;
};

export type UploadedChunk = {
  id: string;
};

export type User = {
  id: string;
  name: string;
  privileges: (string)[];
  time_create: string;
};

export type UserCreate = {
  name: string;
};

export type UserCreateResult = {
  id: string;
  name: string;
  token: string;
};

export type WhoamiResult = {
  id: string;
  name: string;
};

export type Worker = {
  bootstrap: boolean;
  deleted: boolean;
  diagnostics: boolean;
  factory: string;
  factory_ip?: string | null;
  factory_private?: string | null;
  hold?: WorkerHold | null;
  id: string;
  jobs: (WorkerJob)[];
  lastping?: string | null;
  recycle: boolean;
  target: string;
  details?: Record<string, string>;
};

export type WorkerAddOutput = {
  chunks: (string)[];
  commit_id: string;
  path: string;
  size: number;
  sha256?: string;
};

export type WorkerAddOutputResult = {
  complete: boolean;
  error?: string | null;
};

export type WorkerAppend = {
  payload: string;
  stream: string;
  time: string;
};

export type WorkerAppendJob = {
  payload: string;
  stream: string;
  time: string;
};

export type WorkerAppendJobOrTask = {
  payload: string;
  stream: string;
  task?: number | null;
  time: string;
};

export type WorkerBootstrap = {
  bootstrap: string;
  token: string;
};

export type WorkerBootstrapResult = {
  id: string;
};

export type WorkerCompleteDiagnostics = {
  hold: boolean;
};

export type WorkerCompleteJob = {
  failed: boolean;
};

export type WorkerCompleteTask = {
  failed: boolean;
};

export type WorkerEvent = {
  payload: string;
  seq: number;
  stream: string;
  time: string;
  time_remote?: string | null;
};

export type WorkerFail = {
  reason?: string | null;
};

export type WorkerHold = {
  reason: string;
  time: string;
};

export type WorkerHoldMark = {
  reason: string;
};

export type WorkerJob = {
  id: string;
  name: string;
  owner: string;
  state: string;
  tags: Record<string, string>;
};

export type WorkerJobQuota = {
  max_bytes_per_output: number;
};

export type WorkerJobStoreGet = {
  value?: WorkerJobStoreValue | null;
};

export type WorkerJobStoreValue = {
  secret: boolean;
  value: string;
};

export type WorkerPingFactoryInfo = {
  id: string;
  name: string;
  private?: string | null;
};

export type WorkerPingInput = {
  id: string;
  name: string;
  size?: number;
  sha256?: string | null;
};

export type WorkerPingJob = {
  id: string;
  inputs: (WorkerPingInput)[];
  name: string;
  output_rules: (WorkerPingOutputRule)[];
  tasks: (WorkerPingTask)[];
  secrets?: (string)[];
};

export type WorkerPingOutputRule = {
  ignore: boolean;
  require_match: boolean;
  rule: string;
  size_change_ok: boolean;
};

export type WorkerPingResult = {
  factory_info?: WorkerPingFactoryInfo | null;
  factory_metadata?: FactoryMetadata | null;
  job?: WorkerPingJob | null;
  poweroff: boolean;
};

export type WorkerPingTask = {
  env: Record<string, string>;
  env_clear: boolean;
  gid: number;
  id: number;
  name: string;
  script: string;
  uid: number;
  workdir: string;
};

/** A single page of results */
export type WorkerResultsPage = {
  /** list of items on this page of results */
  items: (Worker)[];
  /** token used to fetch the next page of results (if any) */
  next_page?: string | null;
};

export type WorkersResult = {
  workers: (Worker)[];
};

export type AppendResult = {
  next: number;
};

export type JobLog = {
  count: number;
  bytes: number;
  sha256: string;
};

export type Attempt = {
  number: number;
  worker: string | null;
  state: string;
  reason: string | null;
  times: Record<string, string>;
};

export type FactoryTarget = {
  id: string;
  name: string;
};

/** What each operation takes and answers. */
export interface Operations {
  admin_job_archive_request: { path: { job: string }; query: undefined; body: undefined; answer: undefined };
  admin_job_get: { path: { job: string }; query: undefined; body: undefined; answer: Job };
  admin_job_purge_request: { path: { job: string }; query: undefined; body: undefined; answer: undefined };
  admin_jobs_get: { path: undefined; query: { active?: boolean; completed?: number | null }; body: undefined; answer: (Job)[] };
  admin_jobs_list: { path: undefined; query: { limit?: number | null; page_token?: string | null; recent_first?: boolean; tag?: string | null }; body: undefined; answer: JobListEntryResultsPage };
  control_hold: { path: undefined; query: undefined; body: undefined; answer: undefined };
  control_resume: { path: undefined; query: undefined; body: undefined; answer: undefined };
  factories_list: { path: undefined; query: undefined; body: undefined; answer: (Factory)[] };
  factory_create: { path: undefined; query: undefined; body: FactoryCreate; answer: FactoryCreateResult };
  factory_disable: { path: { factory: string }; query: undefined; body: undefined; answer: undefined };
  factory_enable: { path: { factory: string }; query: undefined; body: FactoryEnable; answer: undefined };
  factory_lease: { path: undefined; query: { wait?: number; seen?: string }; body: FactoryWhatsNext; answer: FactoryLeaseResult };
  factory_lease_renew: { path: { job: string }; query: undefined; body: undefined; answer: boolean };
  factory_ping: { path: undefined; query: undefined; body: undefined; answer: FactoryPingResult };
  factory_targets: { path: undefined; query: undefined; body: undefined; answer: (FactoryTarget)[] };
  factory_worker_append: { path: { worker: string }; query: { first?: number }; body: FactoryWorkerAppend | (FactoryWorkerAppend)[]; answer: FactoryWorkerAppendResult };
  factory_worker_associate: { path: { worker: string }; query: undefined; body: FactoryWorkerAssociate; answer: undefined };
  factory_worker_create: { path: undefined; query: undefined; body: FactoryWorkerCreate; answer: FactoryWorker };
  factory_worker_destroy: { path: { worker: string }; query: undefined; body: undefined; answer: boolean };
  factory_worker_flush: { path: { worker: string }; query: undefined; body: undefined; answer: undefined };
  factory_worker_get: { path: { worker: string }; query: undefined; body: undefined; answer: FactoryWorkerResult };
  factory_workers: { path: undefined; query: { wait?: number; seen?: string }; body: undefined; answer: (FactoryWorker)[] };
  job_add_input: { path: { job: string }; query: { wait?: number; seen?: string }; body: JobAddInput; answer: JobAddInputResult };
  job_cancel: { path: { job: string }; query: undefined; body: undefined; answer: undefined };
  job_events_get: { path: { job: string }; query: { minseq?: number | null }; body: undefined; answer: (JobEvent)[] };
  job_get: { path: { job: string }; query: undefined; body: undefined; answer: Job };
  job_output_download: { path: { job: string; output: string }; query: undefined; body: undefined; answer: Response };
  job_output_publish: { path: { job: string; output: string }; query: undefined; body: JobOutputPublish; answer: undefined };
  job_output_signed_url: { path: { job: string; output: string }; query: undefined; body: JobOutputSignedUrl; answer: JobOutputSignedUrlResult };
  job_outputs_get: { path: { job: string }; query: undefined; body: undefined; answer: (JobOutput)[] };
  job_store_get_all: { path: { job: string }; query: undefined; body: undefined; answer: Record<string, JobStoreValueInfo> };
  job_store_put: { path: { job: string; name: string }; query: undefined; body: JobStoreValue; answer: undefined };
  job_submit: { path: undefined; query: undefined; body: JobSubmit; answer: JobSubmitResult };
  job_upload_chunk: { path: { job: string }; query: { commit_id?: string; offset?: number }; body: Blob | Uint8Array<ArrayBuffer>; answer: UploadedChunk };
  job_watch: { path: { job: string }; query: { minseq?: number | null }; body: undefined; answer: Response };
  jobs_list: { path: undefined; query: { limit?: number | null; page_token?: string | null; recent_first?: boolean; tag?: string | null }; body: undefined; answer: JobListEntryResultsPage };
  public_file_download: { path: { name: string; series: string; username: string; version: string }; query: undefined; body: undefined; answer: Response };
  public_file_head: { path: { name: string; series: string; username: string; version: string }; query: undefined; body: undefined; answer: Response };
  quota: { path: undefined; query: undefined; body: undefined; answer: Quota };
  target_create: { path: undefined; query: undefined; body: TargetCreate; answer: TargetCreateResult };
  target_redirect: { path: { target: string }; query: undefined; body: TargetRedirect; answer: undefined };
  target_rename: { path: { target: string }; query: undefined; body: TargetRename; answer: TargetCreateResult };
  target_require_no_privilege: { path: { target: string }; query: undefined; body: undefined; answer: undefined };
  target_require_privilege: { path: { privilege: string; target: string }; query: undefined; body: undefined; answer: undefined };
  targets_list: { path: undefined; query: undefined; body: undefined; answer: (Target)[] };
  user_create: { path: undefined; query: undefined; body: UserCreate; answer: UserCreateResult };
  user_get: { path: { user: string }; query: undefined; body: undefined; answer: User };
  user_privilege_grant: { path: { privilege: string; user: string }; query: undefined; body: undefined; answer: undefined };
  user_privilege_revoke: { path: { privilege: string; user: string }; query: undefined; body: undefined; answer: undefined };
  users_list: { path: undefined; query: { name?: string | null }; body: undefined; answer: (User)[] };
  whoami: { path: undefined; query: undefined; body: undefined; answer: WhoamiResult };
  worker: { path: { worker: string }; query: undefined; body: undefined; answer: Worker };
  worker_append: { path: undefined; query: { first?: number }; body: (WorkerAppend)[]; answer: AppendResult | undefined };
  worker_bootstrap: { path: undefined; query: undefined; body: WorkerBootstrap; answer: WorkerBootstrapResult };
  worker_diagnostics_complete: { path: undefined; query: undefined; body: WorkerCompleteDiagnostics; answer: undefined };
  worker_diagnostics_enable: { path: undefined; query: undefined; body: undefined; answer: undefined };
  worker_events_get: { path: { worker: string }; query: { minseq?: number | null }; body: undefined; answer: (WorkerEvent)[] };
  worker_fail: { path: undefined; query: undefined; body: WorkerFail; answer: undefined };
  worker_hold_mark: { path: { worker: string }; query: undefined; body: WorkerHoldMark; answer: undefined };
  worker_hold_release: { path: { worker: string }; query: undefined; body: undefined; answer: undefined };
  worker_job_add_output: { path: { job: string }; query: { wait?: number; seen?: string }; body: WorkerAddOutput; answer: WorkerAddOutputResult };
  worker_job_append: { path: { job: string }; query: { first?: number }; body: (WorkerAppendJobOrTask)[]; answer: AppendResult | undefined };
  worker_job_complete: { path: { job: string }; query: undefined; body: WorkerCompleteJob; answer: undefined };
  worker_job_input_download: { path: { input: string; job: string }; query: undefined; body: undefined; answer: Response };
  worker_job_quota: { path: { job: string }; query: undefined; body: undefined; answer: WorkerJobQuota };
  worker_job_store_get: { path: { job: string; name: string }; query: undefined; body: undefined; answer: WorkerJobStoreGet };
  worker_job_store_put: { path: { job: string; name: string }; query: undefined; body: WorkerJobStoreValue; answer: undefined };
  worker_job_upload_chunk: { path: { job: string }; query: { commit_id?: string; offset?: number }; body: Blob | Uint8Array<ArrayBuffer>; answer: UploadedChunk };
  worker_ping: { path: undefined; query: { wait?: number; seen?: string }; body: undefined; answer: WorkerPingResult };
  worker_recycle: { path: { worker: string }; query: undefined; body: undefined; answer: undefined };
  worker_task_append: { path: { job: string; task: number }; query: undefined; body: WorkerAppendJob; answer: undefined };
  worker_task_complete: { path: { job: string; task: number }; query: undefined; body: WorkerCompleteTask; answer: undefined };
  workers_list: { path: undefined; query: { active?: boolean; factory?: string | null; limit?: number | null; page_token?: string | null }; body: undefined; answer: WorkerResultsPage };
  workers_list_old: { path: undefined; query: { active?: boolean }; body: undefined; answer: WorkersResult };
  workers_recycle: { path: undefined; query: undefined; body: undefined; answer: undefined };
}

export type OperationName = keyof Operations;

export interface OperationShape {
  method: string;
  path: string;
  body: "json" | "bytes" | "none";
  answer: "json" | "none" | "stream";
}

export const operations: Record<OperationName, OperationShape> = {
  admin_job_archive_request: {"method":"POST","path":"/0/admin/jobs/{job}/archive","body":"none","answer":"none"},
  admin_job_get: {"method":"GET","path":"/0/admin/jobs/{job}","body":"none","answer":"json"},
  admin_job_purge_request: {"method":"POST","path":"/0/admin/jobs/{job}/purge","body":"none","answer":"none"},
  admin_jobs_get: {"method":"GET","path":"/0/admin/jobs","body":"none","answer":"json"},
  admin_jobs_list: {"method":"GET","path":"/1/admin/jobs","body":"none","answer":"json"},
  control_hold: {"method":"POST","path":"/0/control/hold","body":"none","answer":"none"},
  control_resume: {"method":"POST","path":"/0/control/resume","body":"none","answer":"none"},
  factories_list: {"method":"GET","path":"/0/admin/factories","body":"none","answer":"json"},
  factory_create: {"method":"POST","path":"/0/admin/factory","body":"json","answer":"json"},
  factory_disable: {"method":"POST","path":"/0/admin/factory/{factory}/disable","body":"none","answer":"none"},
  factory_enable: {"method":"POST","path":"/0/admin/factory/{factory}/enable","body":"json","answer":"none"},
  factory_lease: {"method":"POST","path":"/0/factory/lease","body":"json","answer":"json"},
  factory_lease_renew: {"method":"POST","path":"/0/factory/lease/{job}","body":"none","answer":"json"},
  factory_ping: {"method":"GET","path":"/0/factory/ping","body":"none","answer":"json"},
  factory_targets: {"method":"GET","path":"/0/factory/targets","body":"none","answer":"json"},
  factory_worker_append: {"method":"POST","path":"/0/factory/worker/{worker}/append","body":"json","answer":"json"},
  factory_worker_associate: {"method":"PATCH","path":"/0/factory/worker/{worker}","body":"json","answer":"none"},
  factory_worker_create: {"method":"POST","path":"/0/factory/worker","body":"json","answer":"json"},
  factory_worker_destroy: {"method":"DELETE","path":"/0/factory/worker/{worker}","body":"none","answer":"json"},
  factory_worker_flush: {"method":"POST","path":"/0/factory/worker/{worker}/flush","body":"none","answer":"none"},
  factory_worker_get: {"method":"GET","path":"/0/factory/worker/{worker}","body":"none","answer":"json"},
  factory_workers: {"method":"GET","path":"/0/factory/workers","body":"none","answer":"json"},
  job_add_input: {"method":"POST","path":"/1/jobs/{job}/input","body":"json","answer":"json"},
  job_cancel: {"method":"POST","path":"/0/jobs/{job}/cancel","body":"none","answer":"none"},
  job_events_get: {"method":"GET","path":"/0/jobs/{job}/events","body":"none","answer":"json"},
  job_get: {"method":"GET","path":"/0/job/{job}","body":"none","answer":"json"},
  job_output_download: {"method":"GET","path":"/0/jobs/{job}/outputs/{output}","body":"none","answer":"stream"},
  job_output_publish: {"method":"POST","path":"/0/jobs/{job}/outputs/{output}/publish","body":"json","answer":"none"},
  job_output_signed_url: {"method":"POST","path":"/0/jobs/{job}/outputs/{output}/sign","body":"json","answer":"json"},
  job_outputs_get: {"method":"GET","path":"/0/jobs/{job}/outputs","body":"none","answer":"json"},
  job_store_get_all: {"method":"GET","path":"/0/jobs/{job}/store","body":"none","answer":"json"},
  job_store_put: {"method":"PUT","path":"/0/jobs/{job}/store/{name}","body":"json","answer":"none"},
  job_submit: {"method":"POST","path":"/0/jobs","body":"json","answer":"json"},
  job_upload_chunk: {"method":"POST","path":"/0/jobs/{job}/chunk","body":"bytes","answer":"json"},
  job_watch: {"method":"GET","path":"/0/jobs/{job}/watch","body":"none","answer":"stream"},
  jobs_list: {"method":"GET","path":"/1/jobs","body":"none","answer":"json"},
  public_file_download: {"method":"GET","path":"/0/public/file/{username}/{series}/{version}/{name}","body":"none","answer":"stream"},
  public_file_head: {"method":"HEAD","path":"/0/public/file/{username}/{series}/{version}/{name}","body":"none","answer":"stream"},
  quota: {"method":"GET","path":"/0/quota","body":"none","answer":"json"},
  target_create: {"method":"POST","path":"/0/admin/target","body":"json","answer":"json"},
  target_redirect: {"method":"PUT","path":"/0/admin/targets/{target}/redirect","body":"json","answer":"none"},
  target_rename: {"method":"POST","path":"/0/admin/targets/{target}/rename","body":"json","answer":"json"},
  target_require_no_privilege: {"method":"DELETE","path":"/0/admin/targets/{target}/require","body":"none","answer":"none"},
  target_require_privilege: {"method":"PUT","path":"/0/admin/targets/{target}/require/{privilege}","body":"none","answer":"none"},
  targets_list: {"method":"GET","path":"/0/admin/targets","body":"none","answer":"json"},
  user_create: {"method":"POST","path":"/0/users","body":"json","answer":"json"},
  user_get: {"method":"GET","path":"/0/users/{user}","body":"none","answer":"json"},
  user_privilege_grant: {"method":"PUT","path":"/0/users/{user}/privilege/{privilege}","body":"none","answer":"none"},
  user_privilege_revoke: {"method":"DELETE","path":"/0/users/{user}/privilege/{privilege}","body":"none","answer":"none"},
  users_list: {"method":"GET","path":"/0/users","body":"none","answer":"json"},
  whoami: {"method":"GET","path":"/0/whoami","body":"none","answer":"json"},
  worker: {"method":"GET","path":"/0/admin/worker/{worker}","body":"none","answer":"json"},
  worker_append: {"method":"POST","path":"/0/worker/append","body":"json","answer":"json"},
  worker_bootstrap: {"method":"POST","path":"/0/worker/bootstrap","body":"json","answer":"json"},
  worker_diagnostics_complete: {"method":"POST","path":"/0/worker/diagnostics/complete","body":"json","answer":"none"},
  worker_diagnostics_enable: {"method":"POST","path":"/0/worker/diagnostics/enable","body":"none","answer":"none"},
  worker_events_get: {"method":"GET","path":"/0/admin/worker/{worker}/events","body":"none","answer":"json"},
  worker_fail: {"method":"POST","path":"/0/worker/fail","body":"json","answer":"none"},
  worker_hold_mark: {"method":"POST","path":"/0/admin/worker/{worker}/hold","body":"json","answer":"none"},
  worker_hold_release: {"method":"POST","path":"/0/admin/worker/{worker}/release","body":"none","answer":"none"},
  worker_job_add_output: {"method":"POST","path":"/1/worker/job/{job}/output","body":"json","answer":"json"},
  worker_job_append: {"method":"POST","path":"/1/worker/job/{job}/append","body":"json","answer":"json"},
  worker_job_complete: {"method":"POST","path":"/0/worker/job/{job}/complete","body":"json","answer":"none"},
  worker_job_input_download: {"method":"GET","path":"/0/worker/job/{job}/inputs/{input}","body":"none","answer":"stream"},
  worker_job_quota: {"method":"GET","path":"/0/worker/job/{job}/quota","body":"none","answer":"json"},
  worker_job_store_get: {"method":"GET","path":"/0/worker/job/{job}/store/{name}","body":"none","answer":"json"},
  worker_job_store_put: {"method":"PUT","path":"/0/worker/job/{job}/store/{name}","body":"json","answer":"none"},
  worker_job_upload_chunk: {"method":"POST","path":"/0/worker/job/{job}/chunk","body":"bytes","answer":"json"},
  worker_ping: {"method":"GET","path":"/0/worker/ping","body":"none","answer":"json"},
  worker_recycle: {"method":"POST","path":"/0/admin/worker/{worker}/recycle","body":"none","answer":"none"},
  worker_task_append: {"method":"POST","path":"/0/worker/job/{job}/task/{task}/append","body":"json","answer":"none"},
  worker_task_complete: {"method":"POST","path":"/0/worker/job/{job}/task/{task}/complete","body":"json","answer":"none"},
  workers_list: {"method":"GET","path":"/1/workers","body":"none","answer":"json"},
  workers_list_old: {"method":"GET","path":"/0/workers","body":"none","answer":"json"},
  workers_recycle: {"method":"POST","path":"/0/workers/recycle","body":"none","answer":"none"},
};
