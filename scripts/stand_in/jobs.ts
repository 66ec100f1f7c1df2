/**
 * A queue of jobs as fal-ai's API keeps one: submit, ask for the status, fetch the result.
 *
 * @module
 */

interface Job {
  readonly model: string;
  pollsLeft: number;
}

/** The jobs of one stand-in Hub. */
export class JobQueue {
  readonly #jobs = new Map<string, Job>();
  readonly #polls: number;
  readonly #mediaUrl: () => string;

  /**
   * Creates an empty queue.
   *
   * @param options `polls`: how often the status is "in progress" before it is "completed";
   * `mediaUrl`: where a finished job's video is.
   */
  constructor(options: { polls: number; mediaUrl: () => string }) {
    this.#polls = options.polls;
    this.#mediaUrl = options.mediaUrl;
  }

  /** Takes a job in; answers as fal-ai's queue does. */
  submit(model: string): Response {
    const id = crypto.randomUUID();
    this.#jobs.set(id, { model, pollsLeft: this.#polls });
    const base = `https://queue.fal.run/${model}/requests/${id}`;
    return Response.json({
      request_id: id,
      status: "IN_QUEUE",
      response_url: base,
      status_url: `${base}/status`,
      cancel_url: `${base}/cancel`,
      queue_position: 0,
    });
  }

  /** Tells how a job is doing. */
  status(id: string): Response {
    const job = this.#jobs.get(id);
    if (job === undefined) return Response.json({ detail: "Request not found" }, { status: 404 });
    const done = job.pollsLeft <= 0;
    job.pollsLeft -= 1;
    return Response.json({ request_id: id, status: done ? "COMPLETED" : "IN_PROGRESS" });
  }

  /** The result of a finished job. */
  result(id: string): Response {
    if (!this.#jobs.has(id)) {
      return Response.json({ detail: "Request not found" }, { status: 404 });
    }
    return Response.json({
      video: { url: this.#mediaUrl(), content_type: "video/mp4" },
      images: [{ url: this.#mediaUrl(), content_type: "image/png" }],
    });
  }
}
