/**
 * The models the stand-in Hub offers: what each is for, and under which provider and name. A model
 * it does not know is answered as the real Hub answers: 404 with `X-Error-Code: RepoNotFound`.
 *
 * @module
 */

/** What the stand-in Hub knows about one model. */
export interface StandInModel {
  /** The task as the Hub names it (`pipeline_tag`). */
  readonly task: string;
  /** The provider that serves it. */
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly providerId: string;
}

const models: Readonly<Record<string, StandInModel>> = {
  "stand-in/chat": { task: "conversational", provider: "groq", providerId: "chat" },
  "stand-in/text": { task: "text-generation", provider: "hf-inference", providerId: "text" },
  "stand-in/painter": { task: "text-to-image", provider: "hf-inference", providerId: "painter" },
  "stand-in/speaker": { task: "text-to-speech", provider: "hf-inference", providerId: "speaker" },
  "stand-in/listener": {
    task: "automatic-speech-recognition",
    provider: "hf-inference",
    providerId: "listener",
  },
  "stand-in/embedder": {
    task: "feature-extraction",
    provider: "hf-inference",
    providerId: "embedder",
  },
  "stand-in/judge": {
    task: "text-classification",
    provider: "hf-inference",
    providerId: "judge",
  },
  "stand-in/viewer": {
    task: "image-classification",
    provider: "hf-inference",
    providerId: "viewer",
  },
  "stand-in/film": { task: "text-to-video", provider: "fal-ai", providerId: "fal-ai/film" },
  "stand-in/poster": {
    task: "text-to-image",
    provider: "replicate",
    providerId: "stand-in/poster",
  },
  // Those that the notebooks name, so that they run here as they stand.
  "meta-llama/Llama-3.1-8B-Instruct": {
    task: "conversational",
    provider: "groq",
    providerId: "llama-3.1-8b-instant",
  },
  "black-forest-labs/FLUX.1-schnell": {
    task: "text-to-image",
    provider: "hf-inference",
    providerId: "black-forest-labs/FLUX.1-schnell",
  },
  "distilbert/distilbert-base-uncased-finetuned-sst-2-english": {
    task: "text-classification",
    provider: "hf-inference",
    providerId: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
  },
};

/**
 * Finds a model by its name on the Hub.
 *
 * @param id Owner and name, such as `stand-in/chat`.
 * @returns What the stand-in knows, or undefined.
 */
export function findModel(id: string): StandInModel | undefined {
  return Object.hasOwn(models, id) ? models[id] : undefined;
}

/**
 * Finds the task behind a provider's own name of a model.
 *
 * @param provider Such as `hf-inference`.
 * @param providerId The provider's name of the model.
 * @returns The task, or undefined.
 */
export function taskOf(provider: string, providerId: string): string | undefined {
  return Object.values(models).find((model) =>
    model.provider === provider && model.providerId === providerId
  )?.task;
}

/**
 * The Hub's model info with the provider mapping that clients ask for.
 *
 * @param id Owner and name.
 * @param model The model.
 * @returns The JSON the Hub would send.
 */
export function modelInfo(id: string, model: StandInModel): Record<string, unknown> {
  return {
    _id: "000000000000000000000000",
    id,
    pipeline_tag: model.task === "conversational" ? "text-generation" : model.task,
    private: false,
    gated: false,
    downloads: 7,
    likes: 3,
    lastModified: "2026-01-01T00:00:00.000Z",
    inferenceProviderMapping: {
      [model.provider]: { status: "live", providerId: model.providerId, task: model.task },
    },
  };
}

/** Every model, as the Hub lists them. */
export function listModels(): Record<string, unknown>[] {
  return Object.entries(models).map(([id, model]) => modelInfo(id, model));
}
