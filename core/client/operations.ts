// Made by scripts/generate from openapi.json. Do not edit.

export type AppendResult = {
  /** number of the event that the log wants next */
  next: number;
};

export type Attempt = {
  number: number;
  phases?: Phases;
  /** why it ended */
  reason: string | null;
  /** waiting: for inputs or other jobs. queued: for a worker. completed and failed are final. */
  state: "waiting" | "queued" | "running" | "completed" | "failed";
  /** submit, ready, leased (a factory took it), launched (its machine was asked for), online (the agent came), assigned, complete; the machine may be older than the job */
  times: Record<string, string>;
  /** ULID */
  worker: string | null;
};

/** of a worker's machine, or of all that a job had in its attempts; null while there is none, or where it is not known how long one was there */
export type Cost = {
  /** null where the server has no prices */
  currency: string | null;
  /** from when a machine was asked for until it was destroyed, or until now */
  instance_seconds: number;
  /** null where the price of a machine is not known */
  money: number | null;
};

export type DependSubmit = {
  copy_outputs: boolean;
  on_completed: boolean;
  on_failed: boolean;
  /** ULID */
  prior_job: string;
};

export type Error = {
  error_code?: string;
  /** for a human */
  message: string;
  /** the server's log has it too */
  request_id: string;
};

export type Factory = {
  enable: boolean;
  hold_workers: boolean;
  /** ULID */
  id: string;
  last_ping?: string | null;
  name: string;
  /** enabled: it may take jobs. disabled: it gets no new ones. draining: nor do its machines. drained: they are gone. */
  state?: "enabled" | "disabled" | "draining" | "drained";
  /** what it last asked jobs for */
  targets?: (string)[];
  /** whose machine may exist */
  workers?: number;
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
  /** ULID */
  id: string;
  name: string;
  token: string;
};

export type FactoryEnable = {
  hold_workers?: boolean;
};

export type FactoryLease = {
  /** ULID */
  job: string;
  /** ULID */
  target: string;
};

export type FactoryLeaseFailure = {
  reason: string;
};

export type FactoryLeaseResult = {
  lease?: FactoryLease | null;
};

export type FactoryMetadata = {
  addresses?: (FactoryAddresses)[];
  /** of a machine that may be taken back: address of the metadata service that tells it when */
  interruption_notices?: string | null;
  dump_to_rpool?: number | null;
  post_job_diagnostic_script?: string | null;
  pre_job_diagnostic_script?: string | null;
  root_authorized_keys?: string | null;
  root_password_hash?: string | null;
  rpool_disable_sync?: boolean | null;
  v: "1";
};

export type FactoryPingResult = {
  /** it is to end what it keeps without a job */
  draining?: boolean;
  ok: boolean;
};

export type FactoryTarget = {
  /** ULID */
  id: string;
  name: string;
};

export type FactoryWhatsNext = {
  /** by target; 0 unless told: the oldest job of the highest that has any */
  priorities?: Record<string, number>;
  supported_targets: (string)[];
};

export type FactoryWorker = {
  /** single-use key for the agent; empty once it is used */
  bootstrap: string;
  hold: boolean;
  /** ULID */
  id: string;
  /** the agent has been heard of */
  online: boolean;
  private?: string | null;
  /** destroy the machine, then delete the worker */
  recycle: boolean;
  /** ULID */
  target: string;
};

export type FactoryWorkerAppend = {
  payload: string;
  stream: string;
  time: string;
};

export type FactoryWorkerAppendResult = {
  next?: number;
  retry: boolean;
};

export type FactoryWorkerAssociate = {
  /** what operators should know of the machine; `instance_type` and `market` (`spot`) tell its price */
  details?: Record<string, string>;
  ip?: string | null;
  metadata?: FactoryMetadata | null;
  /** the provider's own name of the machine */
  private: string;
};

export type FactoryWorkerCreate = {
  /** ULID */
  job?: string | null;
  /** ULID */
  target: string;
  wait_for_flush?: boolean;
};

export type FactoryWorkerResult = {
  worker?: FactoryWorker | null;
};

export type Job = {
  attempts?: (Attempt)[];
  cancelled: boolean;
  cost?: Cost | null;
  /** ULID */
  id: string;
  log?: JobLog | null;
  name: string;
  output_rules: (string)[];
  /** ULID */
  owner: string;
  /** how often the job is tried again when its machine is lost */
  retries_on_lost_worker?: number;
  /** a task is ended when it prints nothing for so long */
  silence_seconds?: number | null;
  /** the job is ended when it runs for longer, from its assignment to a worker */
  timeout_seconds?: number | null;
  /** waiting: for inputs or other jobs. queued: for a worker. completed and failed are final. */
  state: "waiting" | "queued" | "running" | "completed" | "failed";
  tags: Record<string, string>;
  /** as submitted */
  target: string;
  /** name of the target that it went to */
  target_real: string;
  tasks: (Task)[];
  time_archived?: string | null;
  time_purged?: string | null;
  /** submit, ready, leased (a factory took it), launched (its machine was asked for), online (the agent came), assigned, complete; the machine may be older than the job */
  times: Record<string, string>;
  /** what it waits for, in plain words; not in every list */
  waiting_for?: (string)[];
};

export type JobAddInput = {
  chunks: (string)[];
  /** ULID */
  commit_id: string;
  /** SHA-256, hex */
  sha256?: string | null;
  size: number;
  name: string;
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
  /** ULID */
  id: string;
  name: string;
  /** ULID */
  owner: string;
  /** waiting: for inputs or other jobs. queued: for a worker. completed and failed are final. */
  state: "waiting" | "queued" | "running" | "completed" | "failed";
  /** The target's name as the user gave it. */
  target: string;
  /** The id of the target that the job went to. */
  target_id: string;
};

export type JobListEntryResultsPage = {
  items: (JobListEntry)[];
  next_page?: string | null;
};

export type JobLog = {
  bytes: number;
  count: number;
  /** SHA-256, hex */
  sha256: string;
};

export type JobOutput = {
  /** ULID */
  id: string;
  path: string;
  /** SHA-256, hex */
  sha256?: string;
  size: number;
};

export type JobOutputPublish = {
  /** 2 to 48 characters from [0-9A-Za-z._-] */
  name: string;
  /** 2 to 48 characters from [0-9A-Za-z._-] */
  series: string;
  /** 2 to 48 characters from [0-9A-Za-z._-] */
  version: string;
};

export type JobOutputSignedUrl = {
  content_disposition?: string | null;
  content_type?: string | null;
  expiry_seconds: number;
};

export type JobOutputSignedUrlResult = {
  available: boolean;
  size: number;
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
  /** null for a secret */
  value?: string | null;
};

export type JobSubmit = {
  depends?: Record<string, DependSubmit> | null;
  inputs?: (string)[] | null;
  name: string;
  output_rules: (string)[];
  /** how often the job is tried again when its machine is lost */
  retries_on_lost_worker?: number | null;
  /** a task is ended when it prints nothing for so long */
  silence_seconds?: number | null;
  /** the job is ended when it runs for longer, from its assignment to a worker */
  timeout_seconds?: number | null;
  tags?: Record<string, string> | null;
  target: string;
  tasks: (TaskSubmit)[];
};

export type JobSubmitResult = {
  /** ULID */
  id: string;
};

/** seconds that an attempt took, one phase after the other; null for what it has not got through */
export type Phases = {
  /** until its agent was there; 0 where the machine was there before the job */
  boot: number | null;
  /** from then until the job was given to it */
  handover: number | null;
  /** from ready until a machine was asked for, or was free */
  queue: number | null;
  /** from then until it ended */
  run: number | null;
};

export type Quota = {
  /** of one input */
  max_bytes_per_input: number;
  /** of one output */
  max_bytes_per_output?: number;
  /** of all files of one job */
  max_bytes_per_job?: number;
  /** of all files of one user's jobs that are kept on the server */
  max_bytes_per_user?: number;
  /** of the body of one call: a submission, a batch of log events, a piece of a file */
  max_bytes_per_request?: number;
  /** of one job's log on disk */
  max_log_bytes?: number;
  /** of one job */
  max_outputs?: number;
  /** of one job, seconds */
  max_runtime?: number;
  /** of one user, that have not ended */
  max_active_jobs?: number;
  /** of one user, at a time; absent: as many as there are machines */
  max_running_jobs?: number;
  /** of one job */
  max_tasks?: number;
  /** of one job */
  max_inputs?: number;
  /** of one job */
  max_depends?: number;
  /** of one job */
  max_output_rules?: number;
  /** of one job */
  max_tags?: number;
  /** of all tags of one job */
  max_tag_bytes?: number;
  /** of the name of a job, task, input or dependency */
  max_name_bytes?: number;
  /** of an output rule, an output's path or a working directory */
  max_path_bytes?: number;
  /** of one task's script */
  max_script_bytes?: number;
  /** of one task's environment */
  max_env_bytes?: number;
  /** of one job */
  max_store_values?: number;
  /** of one value */
  max_store_value_bytes?: number;
};

export type Target = {
  desc: string;
  /** ULID */
  id: string;
  name: string;
  /** needed to submit to it */
  privilege?: string | null;
  /** ULID */
  redirect?: string | null;
};

export type TargetCreate = {
  name: string;
  desc: string;
};

export type TargetCreateResult = {
  /** ULID */
  id: string;
};

export type TargetRedirect = {
  /** ULID */
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
  /** pending, completed or failed */
  state: string;
  /** the task is ended when it runs for longer */
  timeout_seconds?: number | null;
  uid?: number | null;
  workdir?: string | null;
};

export type TaskSubmit = {
  env: Record<string, string>;
  env_clear: boolean;
  gid?: number | null;
  name: string;
  script: string;
  /** the task is ended when it runs for longer */
  timeout_seconds?: number | null;
  uid?: number | null;
  workdir?: string | null;
};

export type UploadedChunk = {
  /** ULID */
  id: string;
};

export type User = {
  /** the user's token is refused */
  disabled?: boolean;
  /** ULID */
  id: string;
  name: string;
  privileges: (string)[];
  time_create: string;
  /** how much of the server the user has */
  usage?: {
  /** jobs that have not ended */
  active_jobs: number;
  /** those of them that have a machine */
  running_jobs: number;
  /** of inputs and outputs that are kept on the server */
  bytes: number;
};
};

export type UserCreate = {
  name: string;
};

export type UserCreateResult = {
  /** ULID */
  id: string;
  name: string;
  token: string;
};

export type WhoamiResult = {
  /** ULID */
  id: string;
  name: string;
};

export type Worker = {
  /** its agent has been heard of */
  bootstrap: boolean;
  cost?: Cost | null;
  deleted: boolean;
  /** what its factory tells of the machine */
  details?: Record<string, string>;
  diagnostics: boolean;
  /** ULID */
  factory: string;
  factory_ip?: string | null;
  factory_private?: string | null;
  hold?: WorkerHold | null;
  /** ULID */
  id: string;
  jobs: (WorkerJob)[];
  lastping?: string | null;
  recycle: boolean;
  /** ULID */
  target: string;
};

export type WorkerAddOutput = {
  chunks: (string)[];
  /** ULID */
  commit_id: string;
  /** SHA-256, hex */
  sha256?: string | null;
  size: number;
  path: string;
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
  time: string;
  task?: number | null;
};

export type WorkerBootstrap = {
  bootstrap: string;
  token: string;
};

export type WorkerBootstrapResult = {
  /** ULID */
  id: string;
};

export type WorkerCompleteDiagnostics = {
  hold: boolean;
};

export type WorkerCompleteJob = {
  failed: boolean;
  /** for the user: why it failed */
  reason?: string | null;
};

export type WorkerCompleteTask = {
  failed: boolean;
  /** for the user: why it failed */
  reason?: string | null;
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

export type WorkerInterrupted = {
  /** who took the machine back */
  by: string;
  time: string;
};

export type WorkerJob = {
  /** ULID */
  id: string;
  name: string;
  /** ULID */
  owner: string;
  state: string;
  tags: Record<string, string>;
};

export type WorkerJobQuota = {
  max_bytes_per_output: number;
  /** files that a job may keep */
  max_outputs?: number;
};

export type WorkerJobStoreGet = {
  value?: WorkerJobStoreValue | null;
};

export type WorkerJobStoreValue = {
  secret: boolean;
  value: string;
};

export type WorkerPingFactoryInfo = {
  /** ULID */
  id: string;
  name: string;
  private?: string | null;
};

export type WorkerPingInput = {
  /** ULID */
  id: string;
  name: string;
  sha256?: string;
  size?: number;
};

export type WorkerPingJob = {
  /** ULID */
  id: string;
  inputs: (WorkerPingInput)[];
  name: string;
  output_rules: (WorkerPingOutputRule)[];
  /** names of the store's values that must not show in the log */
  secrets?: (string)[];
  secrets_changed?: string | null;
  /** a task that prints nothing for so long is ended */
  silence_seconds?: number | null;
  tasks: (WorkerPingTask)[];
  /** of the whole job, from its assignment */
  timeout_seconds?: number | null;
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
  timeout_seconds?: number | null;
  uid: number;
  workdir: string;
};

export type WorkerResultsPage = {
  items: (Worker)[];
  next_page?: string | null;
};

export type WorkersResult = {
  workers: (Worker)[];
};

/** What each operation takes and answers. */
export interface Operations {
  /** Bring a job to the object store, soon */
  admin_job_archive_request: { path: { job: string }; query: undefined; body: undefined; answer: undefined };
  /** One job of anybody */
  admin_job_get: { path: { job: string }; query: undefined; body: undefined; answer: Job };
  /** Remove the local copies of an archived job, soon */
  admin_job_purge_request: { path: { job: string }; query: undefined; body: undefined; answer: undefined };
  /** All active jobs, or the last that have ended */
  admin_jobs_get: { path: undefined; query: { active?: boolean; completed?: number }; body: undefined; answer: (Job)[] };
  /** A page of everybody's jobs */
  admin_jobs_list: { path: undefined; query: { limit?: number; page_token?: string; recent_first?: boolean; tag?: string }; body: undefined; answer: JobListEntryResultsPage };
  /** Give no factory any lease */
  control_hold: { path: undefined; query: undefined; body: undefined; answer: undefined };
  /** End the hold of all leases */
  control_resume: { path: undefined; query: undefined; body: undefined; answer: undefined };
  /** All factories */
  factories_list: { path: undefined; query: undefined; body: undefined; answer: (Factory)[] };
  /** Make a factory; the token is shown this once */
  factory_create: { path: undefined; query: undefined; body: FactoryCreate; answer: FactoryCreateResult };
  /** Give a factory no more leases */
  factory_disable: { path: { factory: string }; query: undefined; body: undefined; answer: undefined };
  /** Give a factory nothing new to do: its jobs end, its machines go */
  factory_drain: { path: { factory: string }; query: undefined; body: undefined; answer: undefined };
  /** Let a factory take leases; ends a drain */
  factory_enable: { path: { factory: string }; query: undefined; body: FactoryEnable; answer: undefined };
  /** Ask for a job to make a machine for */
  factory_lease: { path: undefined; query: { wait?: number; seen?: string }; body: FactoryWhatsNext; answer: FactoryLeaseResult };
  /** Tell the job's owner why no machine could be made; false when it waits for none of yours */
  factory_lease_failure: { path: { job: string }; query: undefined; body: FactoryLeaseFailure; answer: boolean };
  /** Let others have the job; false when it is lost */
  factory_lease_give_back: { path: { job: string }; query: undefined; body: undefined; answer: boolean };
  /** Keep a lease; false when it is lost */
  factory_lease_renew: { path: { job: string }; query: undefined; body: undefined; answer: boolean };
  /** Tell that the factory is there */
  factory_ping: { path: undefined; query: undefined; body: undefined; answer: FactoryPingResult };
  /** Ids and names of all targets */
  factory_targets: { path: undefined; query: undefined; body: undefined; answer: (FactoryTarget)[] };
  /** A new token, shown this once; the one before ends */
  factory_token_rotate: { path: { factory: string }; query: undefined; body: undefined; answer: FactoryCreateResult };
  /** Add console lines to the log of the machine's job */
  factory_worker_append: { path: { worker: string }; query: { first?: number; job?: string }; body: FactoryWorkerAppend | (FactoryWorkerAppend)[]; answer: FactoryWorkerAppendResult };
  /** Name the machine, which lets its agent in */
  factory_worker_associate: { path: { worker: string }; query: undefined; body: FactoryWorkerAssociate; answer: undefined };
  /** Record a machine that is about to be made */
  factory_worker_create: { path: undefined; query: undefined; body: FactoryWorkerCreate; answer: FactoryWorker };
  /** Tell that the machine is gone */
  factory_worker_destroy: { path: { worker: string }; query: { interrupted?: string }; body: undefined; answer: boolean };
  /** Let the agent have its job */
  factory_worker_flush: { path: { worker: string }; query: undefined; body: undefined; answer: undefined };
  /** One worker; null when it is unknown or destroyed */
  factory_worker_get: { path: { worker: string }; query: undefined; body: undefined; answer: FactoryWorkerResult };
  /** The factory's workers whose machine may exist */
  factory_workers: { path: undefined; query: { wait?: number; seen?: string }; body: undefined; answer: (FactoryWorker)[] };
  /** Make an input of uploaded pieces; call again until it is complete */
  job_add_input: { path: { job: string }; query: { wait?: number; seen?: string }; body: JobAddInput; answer: JobAddInputResult };
  /** End a job that has not ended */
  job_cancel: { path: { job: string }; query: undefined; body: undefined; answer: undefined };
  /** A page of the job's log */
  job_events_get: { path: { job: string }; query: { minseq?: number }; body: undefined; answer: (JobEvent)[] };
  /** One job */
  job_get: { path: { job: string }; query: undefined; body: undefined; answer: Job };
  /** An artefact's bytes */
  job_output_download: { path: { job: string; output: string }; query: undefined; body: undefined; answer: Response };
  /** Give an artefact a public name, for ever */
  job_output_publish: { path: { job: string; output: string }; query: undefined; body: JobOutputPublish; answer: undefined };
  /** A URL to an artefact that works without a token for a while */
  job_output_signed_url: { path: { job: string; output: string }; query: undefined; body: JobOutputSignedUrl; answer: JobOutputSignedUrlResult };
  /** The artefacts of a job */
  job_outputs_get: { path: { job: string }; query: undefined; body: undefined; answer: (JobOutput)[] };
  /** The job's store, without the values of secrets */
  job_store_get_all: { path: { job: string }; query: undefined; body: undefined; answer: Record<string, JobStoreValueInfo> };
  /** Set a value of the job's store */
  job_store_put: { path: { job: string; name: string }; query: undefined; body: JobStoreValue; answer: undefined };
  /** Hand a job in */
  job_submit: { path: undefined; query: undefined; body: JobSubmit; answer: JobSubmitResult };
  /** A piece of an input, alone or at its place in the file */
  job_upload_chunk: { path: { job: string }; query: { commit_id?: string; offset?: number }; body: Blob | Uint8Array<ArrayBuffer>; answer: UploadedChunk };
  /** The log and the state as they come, as server-sent events */
  job_watch: { path: { job: string }; query: { minseq?: number }; body: undefined; answer: Response };
  /** A page of the user's own jobs */
  jobs_list: { path: undefined; query: { limit?: number; page_token?: string; recent_first?: boolean; tag?: string }; body: undefined; answer: JobListEntryResultsPage };
  /** A published file */
  public_file_download: { path: { username: string; name: string; series: string; version: string }; query: undefined; body: undefined; answer: Response };
  /** Size and hash of a published file */
  public_file_head: { path: { username: string; name: string; series: string; version: string }; query: undefined; body: undefined; answer: Response };
  /** How much of everything a user and a job may have */
  quota: { path: undefined; query: undefined; body: undefined; answer: Quota };
  /** An artefact by a signed URL */
  signed_download: { path: { job: string; output: string }; query: { expires: number; signature: string; type?: string; disposition?: string }; body: undefined; answer: Response };
  /** Make a target */
  target_create: { path: undefined; query: undefined; body: TargetCreate; answer: TargetCreateResult };
  /** Send a target's jobs to another one */
  target_redirect: { path: { target: string }; query: undefined; body: TargetRedirect; answer: undefined };
  /** Rename a target, leaving a signpost under the old name */
  target_rename: { path: { target: string }; query: undefined; body: TargetRename; answer: TargetCreateResult };
  /** Let everybody submit to a target */
  target_require_no_privilege: { path: { target: string }; query: undefined; body: undefined; answer: undefined };
  /** Let only holders of a privilege submit to a target */
  target_require_privilege: { path: { target: string; privilege: string }; query: undefined; body: undefined; answer: undefined };
  /** All targets */
  targets_list: { path: undefined; query: undefined; body: undefined; answer: (Target)[] };
  /** Make a user; the token is shown this once */
  user_create: { path: undefined; query: undefined; body: UserCreate; answer: UserCreateResult };
  /** Refuse a user's token until they are enabled again */
  user_disable: { path: { user: string }; query: { cancel_jobs?: boolean }; body: undefined; answer: undefined };
  /** Let a disabled user in again */
  user_enable: { path: { user: string }; query: undefined; body: undefined; answer: undefined };
  /** One user */
  user_get: { path: { user: string }; query: undefined; body: undefined; answer: User };
  /** Give a user a privilege */
  user_privilege_grant: { path: { user: string; privilege: string }; query: undefined; body: undefined; answer: undefined };
  /** Take a privilege from a user */
  user_privilege_revoke: { path: { user: string; privilege: string }; query: undefined; body: undefined; answer: undefined };
  /** End a user's token, without a new one. Users may do so with their own */
  user_token_revoke: { path: { user: string }; query: undefined; body: undefined; answer: undefined };
  /** A new token, shown this once; the one before ends. Users may ask for their own */
  user_token_rotate: { path: { user: string }; query: undefined; body: undefined; answer: UserCreateResult };
  /** All users, or the one of a name */
  users_list: { path: undefined; query: { name?: string }; body: undefined; answer: (User)[] };
  /** The user that the token acts as */
  whoami: { path: undefined; query: undefined; body: undefined; answer: WhoamiResult };
  /** One worker */
  worker: { path: { worker: string }; query: undefined; body: undefined; answer: Worker };
  /** Add events to the worker's own log */
  worker_append: { path: undefined; query: { first?: number }; body: (WorkerAppend)[]; answer: AppendResult | undefined };
  /** Exchange the single-use key for a token of the agent's choice */
  worker_bootstrap: { path: undefined; query: undefined; body: WorkerBootstrap; answer: WorkerBootstrapResult };
  /** Diagnostics are done; hold the machine if they found something */
  worker_diagnostics_complete: { path: undefined; query: undefined; body: WorkerCompleteDiagnostics; answer: undefined };
  /** Promise diagnostics after the job */
  worker_diagnostics_enable: { path: undefined; query: undefined; body: undefined; answer: undefined };
  /** A page of the worker's own log */
  worker_events_get: { path: { worker: string }; query: { minseq?: number }; body: undefined; answer: (WorkerEvent)[] };
  /** Give the worker up; its job fails */
  worker_fail: { path: undefined; query: undefined; body: WorkerFail; answer: undefined };
  /** Keep a machine for a look */
  worker_hold_mark: { path: { worker: string }; query: undefined; body: WorkerHoldMark; answer: undefined };
  /** End the hold of a machine */
  worker_hold_release: { path: { worker: string }; query: undefined; body: undefined; answer: undefined };
  /** Tell that the machine will be taken back, and when */
  worker_interrupted: { path: undefined; query: undefined; body: WorkerInterrupted; answer: undefined };
  /** Make an output of uploaded pieces; call again until it is complete */
  worker_job_add_output: { path: { job: string }; query: { wait?: number; seen?: string }; body: WorkerAddOutput; answer: WorkerAddOutputResult };
  /** Add events to the job's log */
  worker_job_append: { path: { job: string }; query: { first?: number }; body: (WorkerAppendJobOrTask)[]; answer: AppendResult | undefined };
  /** The job is over */
  worker_job_complete: { path: { job: string }; query: undefined; body: WorkerCompleteJob; answer: undefined };
  /** An input's bytes */
  worker_job_input_download: { path: { job: string; input: string }; query: undefined; body: undefined; answer: Response };
  /** How large an output may be, and how many there may be */
  worker_job_quota: { path: { job: string }; query: undefined; body: undefined; answer: WorkerJobQuota };
  /** A value of the job's store, secret or not */
  worker_job_store_get: { path: { job: string; name: string }; query: undefined; body: undefined; answer: WorkerJobStoreGet };
  /** Set a value of the job's store */
  worker_job_store_put: { path: { job: string; name: string }; query: undefined; body: WorkerJobStoreValue; answer: undefined };
  /** A piece of an output, alone or at its place in the file */
  worker_job_upload_chunk: { path: { job: string }; query: { commit_id?: string; offset?: number }; body: Blob | Uint8Array<ArrayBuffer>; answer: UploadedChunk };
  /** Tell that the agent is there; learn what to do */
  worker_ping: { path: undefined; query: { wait?: number; seen?: string }; body: undefined; answer: WorkerPingResult };
  /** Have a machine destroyed */
  worker_recycle: { path: { worker: string }; query: undefined; body: undefined; answer: undefined };
  /** Add one event of a task; use worker_job_append */
  worker_task_append: { path: { job: string; task: number }; query: undefined; body: WorkerAppendJob; answer: undefined };
  /** The verdict over a task; the first one counts */
  worker_task_complete: { path: { job: string; task: number }; query: undefined; body: WorkerCompleteTask; answer: undefined };
  /** A page of workers, oldest first */
  workers_list: { path: undefined; query: { active?: boolean; factory?: string; limit?: number; page_token?: string }; body: undefined; answer: WorkerResultsPage };
  /** All workers in one answer; use /1/workers */
  workers_list_old: { path: undefined; query: { active?: boolean }; body: undefined; answer: WorkersResult };
  /** Have every machine destroyed */
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
  factory_drain: {"method":"POST","path":"/0/admin/factory/{factory}/drain","body":"none","answer":"none"},
  factory_enable: {"method":"POST","path":"/0/admin/factory/{factory}/enable","body":"json","answer":"none"},
  factory_lease: {"method":"POST","path":"/0/factory/lease","body":"json","answer":"json"},
  factory_lease_failure: {"method":"POST","path":"/0/factory/lease/{job}/failure","body":"json","answer":"json"},
  factory_lease_give_back: {"method":"DELETE","path":"/0/factory/lease/{job}","body":"none","answer":"json"},
  factory_lease_renew: {"method":"POST","path":"/0/factory/lease/{job}","body":"none","answer":"json"},
  factory_ping: {"method":"GET","path":"/0/factory/ping","body":"none","answer":"json"},
  factory_targets: {"method":"GET","path":"/0/factory/targets","body":"none","answer":"json"},
  factory_token_rotate: {"method":"POST","path":"/0/admin/factory/{factory}/token","body":"none","answer":"json"},
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
  signed_download: {"method":"GET","path":"/0/signed/{job}/{output}","body":"none","answer":"stream"},
  target_create: {"method":"POST","path":"/0/admin/target","body":"json","answer":"json"},
  target_redirect: {"method":"PUT","path":"/0/admin/targets/{target}/redirect","body":"json","answer":"none"},
  target_rename: {"method":"POST","path":"/0/admin/targets/{target}/rename","body":"json","answer":"json"},
  target_require_no_privilege: {"method":"DELETE","path":"/0/admin/targets/{target}/require","body":"none","answer":"none"},
  target_require_privilege: {"method":"PUT","path":"/0/admin/targets/{target}/require/{privilege}","body":"none","answer":"none"},
  targets_list: {"method":"GET","path":"/0/admin/targets","body":"none","answer":"json"},
  user_create: {"method":"POST","path":"/0/users","body":"json","answer":"json"},
  user_disable: {"method":"POST","path":"/0/users/{user}/disable","body":"none","answer":"none"},
  user_enable: {"method":"POST","path":"/0/users/{user}/enable","body":"none","answer":"none"},
  user_get: {"method":"GET","path":"/0/users/{user}","body":"none","answer":"json"},
  user_privilege_grant: {"method":"PUT","path":"/0/users/{user}/privilege/{privilege}","body":"none","answer":"none"},
  user_privilege_revoke: {"method":"DELETE","path":"/0/users/{user}/privilege/{privilege}","body":"none","answer":"none"},
  user_token_revoke: {"method":"DELETE","path":"/0/users/{user}/token","body":"none","answer":"none"},
  user_token_rotate: {"method":"POST","path":"/0/users/{user}/token","body":"none","answer":"json"},
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
  worker_interrupted: {"method":"POST","path":"/0/worker/interrupted","body":"json","answer":"none"},
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
