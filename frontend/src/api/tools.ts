// Written by `manage.py generate` from the declarations in Python; do not edit it.

import type { Json } from './schema'

/** The arguments of a call, in declared spelling; further ones are kept as sent. */
export type ToolArguments = {
  add_subtitles: {
    /** Subtitle lines. */
    cues?: {
      /** Start in seconds. */
      startSeconds: number
      /** End in seconds. */
      endSeconds: number
      /** Text of the line. */
      text: string
    }[]
    /** Full text of an SRT or VTT file, instead of lines. */
    srt?: string
    /** Transcribe speech, if the provider can. */
    auto_transcribe?: boolean
    /** Draw the lines on the video. If off, adds a track that viewers can turn on. */
    burnIn?: boolean
    /** Subtitle style. */
    style?: {
      /** Text size in % of the height. */
      fontSizePct?: number
      /** Text color. */
      color?: string
      /** Outline color. */
      outlineColor?: string
      /** Position. */
      position?: 'bottom' | 'top' | 'center'
    }
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    source_video_url?: string
  }
  analyze_image: {
    /** Question. */
    prompt?: string
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  analyze_video: {
    /** Question. */
    prompt?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    source_video_url?: string
  }
  animate_photo: {
    /** What moves and what happens next. */
    prompt: string
    /** Length in seconds. */
    duration?: number
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Use the image as the first frame, the last frame, or set both. */
    frameRole?: 'start' | 'end' | 'both'
    /** One prompt per image, in order. */
    prompts?: string[]
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Width in pixels. */
    width?: number
    /** Height in pixels. */
    height?: number
    /** Short side in pixels. */
    targetResolution?: number
    /** Number of videos, 1–16. */
    numberOfVariations?: number
    /** Add sound, if the model can. */
    generateAudio?: boolean
    /** What to avoid. */
    negativePrompt?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Let the model improve the prompt. */
    expandPrompt?: boolean
    /** Don't change the prompt. */
    skipPromptProcessing?: boolean
    /** Preset aspect ratio, for models with presets. Adaptive follows the source. */
    ratio?: 'adaptive' | '16:9' | '4:3' | '1:1' | '3:4' | '9:16'
    /** Add the model's watermark. */
    watermark?: boolean
    /** Name of a saved persona whose voice to use. */
    voicePersonaName?: string
    /** LoRA ids, in order. */
    loras?: string[]
    /** Strength per LoRA, in the same order. */
    loraStrengths?: number[]
    /** Photo: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Photo: https URL. */
    reference_image_url?: string
    /** Photo: position among the run's image results; -1 is the first one sent. */
    sourceImageIndices?: number[]
    /** Photo: https URL. */
    source_image_url?: string
    /** Photo: https URL. */
    reference_image_urls?: string[]
    /** Last frame: position among the run's image results; -1 is the first one sent. */
    endImageIndex?: number
    /** Last frame: https URL. */
    reference_image_end_url?: string
    /** Last frame: position among the run's image results; -1 is the first one sent. */
    endImageIndices?: number[]
    /** Voice: position among the run's audio results; -1 is the first one sent. */
    referenceAudioIdentityIndex?: number
    /** Voice: https URL. */
    reference_audio_identity_url?: string
  }
  apply_style: {
    /** The style: technique, palette, period, artist. */
    prompt: string
    /** Model. Default: the provider's choice. */
    model?: string
    /** Times larger per side. */
    scale?: 1 | 1.5 | 2 | 3 | 4
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  ask_clarifying_question: {
    /** What to ask. */
    question: string
    /** Why the answer is needed. */
    reason?: string
  }
  change_angle: {
    /** Camera position: side, height, distance. */
    description: string
    /** Model. Default: the provider's choice. */
    model?: string
    /** Camera change. Lower keeps more of the original. */
    loraStrength?: number
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  compose_instrumental: {
    /** What the piece is for, or sounds like. */
    prompt: string
    /** Genre, mood, instruments and pace. */
    music_prompt?: string
    /** Length in seconds. Default: by the prompt. */
    duration_seconds?: number
  }
  compose_lyrics: {
    /** What the song is about. */
    prompt: string
    /** Language of the lyrics. Default: that of the prompt. */
    language?: string
    /** Genre, mood, instruments and pace. */
    music_prompt?: string
    /** Length in seconds. Default: by the prompt. */
    duration_seconds?: number
  }
  compose_script: {
    /** What the film is about. */
    brief: string
    /** Type of script. */
    script_type?: 'video_prompt' | 'screenplay' | 'storyboard' | 'ad_script' | 'trailer' | 'social_short' | 'talking_head' | 'campaign' | 'revision'
    /** Model that gets it. */
    destination_model?: string
    /** Tool that gets it. */
    destination_tool?: string
    /** Length in seconds. */
    duration_seconds?: number
    /** Number of scenes. Default: by the brief. */
    scene_count?: number
    /** Aspect ratio, such as 9:16. */
    aspect_ratio?: string
    /** Where it is shown, such as TikTok. */
    platform?: string
    /** Look of every scene. */
    style?: string
    /** What the first frame shows. */
    first_frame_description?: string
    /** First frame as a data URL. */
    first_frame_data_url?: string
    /** Last frame as a data URL. */
    last_frame_data_url?: string
    /** Form of the script's text. */
    return_format?: 'script' | 'markdown' | 'json'
  }
  compose_workflow: {
    /** What to make, in plain words. */
    brief: string
    /** Number of scenes. Default: by the brief. */
    scene_count?: number
    /** Length of the result in seconds. */
    duration_seconds?: number
    /** Aspect ratio of the result. */
    aspect_ratio?: '1:1' | '4:3' | '3:4' | '16:9' | '9:16' | '21:9'
    /** Look of every scene. */
    style?: string
    /** Models to use. */
    destination_models?: {
      /** Model of the images. */
      image?: string
      /** Model of the videos. */
      video?: string
      /** Model of the music. */
      music?: string
    }
    /** The most credits that a run may be estimated to cost. */
    max_estimated_capacity_units?: number
    /** Add music or speech. Default: by the brief. */
    include_audio?: boolean
    /** Form of the answer. */
    return_format?: 'json'
  }
  compose_workflow_template: {
    /** What to make, in plain words. */
    brief: string
    /** Number of scenes. Default: by the brief. */
    scene_count?: number
    /** Length of the result in seconds. */
    duration_seconds?: number
    /** Aspect ratio of the result. */
    aspect_ratio?: '1:1' | '4:3' | '3:4' | '16:9' | '9:16' | '21:9'
    /** Look of every scene. */
    style?: string
    /** Models to use. */
    destination_models?: {
      /** Model of the images. */
      image?: string
      /** Model of the videos. */
      video?: string
      /** Model of the music. */
      music?: string
    }
    /** The most credits that a run may be estimated to cost. */
    max_estimated_capacity_units?: number
    /** Add music or speech. Default: by the brief. */
    include_audio?: boolean
    /** Form of the answer. */
    return_format?: 'json'
    /** Name of the template. */
    name: string
    /** Description. */
    description?: string
    /** Category. Default: by the brief. */
    category?: 'portrait' | 'video-social' | 'makeover' | 'cinematic' | 'music' | 'analysis' | 'custom' | 'other'
    /** Drafts are always private; publish the template once it is saved. */
    visibility?: 'private' | 'public'
    /** Inputs that the template must have. */
    inputs?: ({
      /** Name. */
      name: string
      /** Type. */
      type: 'image' | 'audio' | 'video' | 'text' | 'number' | 'select' | 'boolean'
      /** Whether a run needs it. */
      required?: boolean
      /** What to enter. */
      description?: string
      /** Value when none is entered. */
      default?: Json
      /** Choices of a select. */
      options?: {
        /** Value. */
        value: string
        /** What people read. */
        label: string
      }[]
      /** Take several values. */
      multiple?: {
        /** Fewest values. */
        min: number
        /** Most values. */
        max: number
      }
      /** Hide it from people. */
      internal?: boolean
    })[]
    /** Template to change. Its stage ids are kept. */
    existing_template?: Record<string, Json>
  }
  create_asset_manifest: {
    /** Media to list. Default: everything in the run. */
    assets?: {
      /** Name. */
      user_label?: string
      /** Kind of media. */
      type?: string
      /** Media id. */
      asset_id?: string
    }[]
  }
  dance_montage: {
    /** Choreography. */
    dance: 'rasputin' | 'big-guy' | 'keep-it-gangsta' | 'this-is-america' | 'chinese-new-year' | 'spongebob' | 'chanel' | 'crystal-light-aerobics-1988' | 'plastic-dream-sequence'
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Length in seconds. Default: the whole choreography. */
    duration?: number
    /** Describe the dancer if there's no image. */
    imagePrompt?: string
    /** One continuous shot. */
    singleClip?: boolean
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Dancer image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Dancer image: https URL. */
    source_image_url?: string
    /** Dancer image: https URL. */
    reference_image_url?: string
  }
  edit_image: {
    /** What to change, and what to keep. */
    prompt: string
    /** Model. Default: the provider's choice. */
    model?: string
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Width in pixels. */
    width?: number
    /** Height in pixels. */
    height?: number
    /** Number of images, 1–16. */
    numberOfVariations?: number
    /** What to avoid. */
    negativePrompt?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Name of a saved persona to show. */
    personaName?: string
    /** Quality of GPT image models. */
    gptImageQuality?: 'low' | 'medium' | 'high' | 'xhigh' | 'max'
    /** File format. */
    outputFormat?: 'png' | 'jpg' | 'jpeg' | 'webp'
    /** Background of GPT image models. */
    gptImageBackground?: 'auto' | 'opaque' | 'transparent'
    /** Compression of JPEG and WebP, 0–100. */
    gptImageOutputCompression?: number
    /** LoRA ids, in order. */
    loras?: string[]
    /** Strength per LoRA, in the same order. */
    loraStrengths?: number[]
    /**
     * Images: position among the run's image results; -1 is the first one sent. The first is
     * edited, the rest are references.
     */
    sourceImageIndex?: number
    /** Images: https URL. The first is edited, the rest are references. */
    source_image_url?: string
    /**
     * Images: position among the run's image results; -1 is the first one sent. The first is
     * edited, the rest are references.
     */
    referenceImageIndices?: number[]
    /** Images: https URL. The first is edited, the rest are references. */
    reference_image_urls?: string[]
    /** Images: https URL. The first is edited, the rest are references. */
    reference_image_url?: string
    /**
     * Images: position among the run's image results; -1 is the first one sent. The first is
     * edited, the rest are references.
     */
    sourceImageIndices?: number[]
    /**
     * Mask: position among the run's image results; -1 is the first one sent. Transparent areas are
     * repainted.
     */
    maskImageIndex?: number
    /** Mask: https URL. Transparent areas are repainted. */
    mask_image_url?: string
  }
  enhance_prompt: {
    /** Prompt to improve. */
    prompt: string
    /** Kind of prompt. A model prompt is for whatever the model or tool makes. */
    target_output: 'image_prompt' | 'video_prompt' | 'edit_prompt' | 'model_prompt'
    /** Model that gets it. */
    destination_model: string
    /** Tool that gets it. */
    destination_tool?: string
    /** How the model is prompted. Default: by its name. */
    prompting_type?: 'flux' | 'sdxl' | 'sd15' | 'pony' | 'fast' | 'sd3' | 'editing' | 'video'
    /** What people call the model. */
    model_title?: string
    /** Look to work in. */
    style_prompt?: string
    /** What to do with the prompt. */
    prompt_mode?: 'auto' | 'preserve' | 'expand' | 'compress' | 'validate' | 'payload'
    /** Length of the video in seconds. */
    duration_seconds?: number
    /** Aspect ratio, such as 9:16. */
    aspect_ratio?: string
    /** Files that the model gets with the prompt. */
    assets?: ({
      /** Id. */
      id?: string
      /** What it shows. */
      label?: string
      /** Kind of file. */
      media_type: 'image' | 'video' | 'audio'
      /** What the model uses it for. */
      role?: 'first_frame' | 'last_frame' | 'reference' | 'identity' | 'style' | 'motion' | 'audio' | 'source_video'
      /** Address. It isn't fetched. */
      url?: string
    })[]
    /** Limits, such as `max_length` in characters and `avoid`, a list of words. */
    constraints?: Record<string, Json>
  }
  extend_video: {
    /** Seconds to add. */
    duration: number
    /** What happens next. */
    prompt?: string
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Has no effect: the video's own sound is always kept. */
    keepOriginalAudio?: boolean
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    source_video_url?: string
  }
  extract_metadata: {
    /** Question. Kept with the result. */
    prompt?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: https URL. */
    source_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Audio: position among the run's audio results; -1 is the first one sent. */
    audioSourceIndex?: number
    /** Audio: https URL. */
    source_audio_url?: string
    /** Audio: position among the run's audio results; -1 is the first one sent. */
    audioIndex?: number
    /** Audio: https URL. */
    reference_audio_url?: string
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  finalize_response: {
    /** Outcome. */
    outcome: string
    /** Summary of the results. */
    summary?: string
  }
  generate_image: {
    /** What the image shows. */
    prompt: string
    /** Model. Default: the provider's choice. */
    model?: string
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Width in pixels. */
    width?: number
    /** Height in pixels. */
    height?: number
    /** Number of images, 1–16. */
    numberOfVariations?: number
    /** What to avoid. */
    negativePrompt?: string
    /** How much of the starting image to keep, 0–1. */
    starting_image_strength?: number
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** How strictly to follow the prompt. Default: the model's choice. */
    guidance?: number
    /** Quality of GPT image models. */
    gptImageQuality?: 'low' | 'medium' | 'high' | 'xhigh' | 'max'
    /** File format. */
    outputFormat?: 'png' | 'jpg' | 'jpeg' | 'webp'
    /** Background of GPT image models. */
    gptImageBackground?: 'auto' | 'opaque' | 'transparent'
    /** Compression of JPEG and WebP, 0–100. */
    gptImageOutputCompression?: number
    /** LoRA ids, in order. */
    loras?: string[]
    /** Strength per LoRA, in the same order. */
    loraStrengths?: number[]
    /** Starting image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Starting image: https URL. */
    source_image_url?: string
    /** Starting image: https URL. */
    starting_image_url?: string
    /** Starting image: https URL. */
    reference_image_url?: string
  }
  generate_music: {
    /** Genre, mood, instruments and pace. */
    prompt: string
    /** Length in seconds. */
    duration?: number
    /** Tempo in BPM. Default: from the prompt. */
    bpm?: number
    /** Key and scale, such as A minor or F# minor. Default: from the prompt. */
    keyscale?: string
    /** Lyrics, one line per row. Leave empty for instrumental. */
    lyrics?: string
    /** Model. Default: the provider's choice. */
    model?: string
    /** Beats per bar: 2, 3, 4, or 6 for 6/8. */
    timesig?: 2 | 3 | 4 | 6
    /** Number of tracks, 1–16. */
    numberOfVariations?: number
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Let the model plan first, if it can. */
    composerMode?: boolean
    /** How strictly to follow the prompt. */
    promptStrength?: number
    /** Variation. */
    creativity?: number
    /** File format. */
    outputFormat?: string
  }
  generate_speech: {
    /** Text to speak. */
    prompt: string
    /** Preset voice, cloned voice, or voice from a description. */
    model?: string
    /** Preset voice. */
    voice?: 'serena' | 'vivian' | 'uncle_fu' | 'ryan' | 'aiden' | 'ono_anna' | 'sohee' | 'eric' | 'dylan'
    /** How the voice sounds, or how it speaks. */
    voiceDescription?: string
    /** Exact transcript of the recording. Improves the match. */
    voiceTranscript?: string
    /** Language. Auto detects it. */
    language?: 'auto' | 'english' | 'chinese' | 'japanese' | 'korean' | 'german' | 'french' | 'russian' | 'portuguese' | 'spanish' | 'italian'
    /** Variation, 0.1–2. */
    creativity?: number
    /** File format. */
    outputFormat?: 'wav' | 'mp3' | 'flac'
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Number of takes, 1–16. */
    numberOfVariations?: number
    /** Voice: position among the run's audio results; -1 is the first one sent. */
    voiceSourceIndex?: number
    /** Voice: https URL. */
    voice_source_url?: string
    /** Voice: https URL. */
    reference_audio_url?: string
    /** Voice: position among the run's audio results; -1 is the first one sent. */
    audioSourceIndex?: number
    /** Voice: https URL. */
    reference_audio_identity_url?: string
  }
  generate_video: {
    /** What happens, and how the camera sees it. */
    prompt: string
    /** Length in seconds. */
    duration?: number
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Width in pixels. */
    width?: number
    /** Height in pixels. */
    height?: number
    /** Short side in pixels. */
    targetResolution?: number
    /** Number of videos, 1–16. */
    numberOfVariations?: number
    /** Add sound, if the model can. */
    generateAudio?: boolean
    /** What to avoid. */
    negativePrompt?: string
    /** Use reference images as the first frame, the last frame, or both. */
    frameRole?: 'start' | 'end' | 'both'
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Let the model improve the prompt. */
    expandPrompt?: boolean
    /** Don't change the prompt. */
    skipPromptProcessing?: boolean
    /** Preset aspect ratio, for models with presets. Adaptive follows the source. */
    ratio?: 'adaptive' | '16:9' | '4:3' | '1:1' | '3:4' | '9:16'
    /** Add the model's watermark. */
    watermark?: boolean
    /** https URL of a document for reference. */
    referenceFileUrl?: string
    /** https URL of a web page for reference. */
    referenceLinkUrl?: string
    /** Name of a saved persona whose voice to use. */
    voicePersonaName?: string
    /** LoRA ids, in order. */
    loras?: string[]
    /** Strength per LoRA, in the same order. */
    loraStrengths?: number[]
    /** File format. */
    outputFormat?: 'mp4' | 'mov'
    /** Also return the last frame as an image. */
    returnLastFrame?: boolean
    /** Reference images: position among the run's image results; -1 is the first one sent. */
    referenceImageIndices?: number[]
    /** Reference images: https URL. */
    reference_image_urls?: string[]
    /** Reference images: https URL. */
    reference_image_url?: string
    /** Reference images: position among the run's image results; -1 is the first one sent. */
    referenceImageIndex?: number
    /** Reference images: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Reference images: https URL. */
    source_image_url?: string
    /** Last frame: position among the run's image results; -1 is the first one sent. */
    endImageIndex?: number
    /** Last frame: https URL. */
    reference_image_end_url?: string
    /** Reference videos: position among the run's video results; -1 is the first one sent. */
    referenceVideoIndices?: number[]
    /** Reference videos: https URL. */
    reference_video_urls?: string[]
    /** Reference videos: https URL. */
    reference_video_url?: string
    /** Reference videos: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Reference audio: position among the run's audio results; -1 is the first one sent. */
    referenceAudioIndices?: number[]
    /** Reference audio: https URL. */
    reference_audio_urls?: string[]
    /** Reference audio: https URL. */
    reference_audio_url?: string
    /** Reference audio: position among the run's audio results; -1 is the first one sent. */
    audioSourceIndex?: number
    /** Voice: position among the run's audio results; -1 is the first one sent. */
    referenceAudioIdentityIndex?: number
    /** Voice: https URL. */
    reference_audio_identity_url?: string
  }
  image_to_3d: {
    /** Model. Default: the provider's choice. */
    model?: string
    /** Maximum triangles. */
    meshTargetFaces?: number
    /** Side of the color texture in pixels. */
    textureSize?: number
    /** Side of the normal map in pixels. */
    normalMapSize?: number
    /** Side of the occlusion map in pixels. */
    ambientOcclusionSize?: number
    /** Detail of the shape. */
    shapeResolution?: 1024 | 1536
    /** Front view: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Front view: https URL. */
    source_image_url?: string
    /** Front view: https URL. */
    reference_image_url?: string
    /** Left view: position among the run's image results; -1 is the first one sent. */
    leftViewImageIndex?: number
    /** Left view: https URL. */
    left_view_image_url?: string
    /** Back view: position among the run's image results; -1 is the first one sent. */
    backViewImageIndex?: number
    /** Back view: https URL. */
    back_view_image_url?: string
    /** Right view: position among the run's image results; -1 is the first one sent. */
    rightViewImageIndex?: number
    /** Right view: https URL. */
    right_view_image_url?: string
  }
  inspect_asset: {
    /** Media id. */
    asset_id?: string
  }
  label_asset: {
    /** Media id. */
    asset_id?: string
    /** Name. */
    user_label?: string
  }
  map_assets_for_model: {
    /** Model. */
    model_id: string
  }
  orbit_video: {
    /** The subject and its surroundings. */
    prompt?: string
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Camera height. */
    elevation?: 'low-angle shot' | 'eye-level shot' | 'elevated shot' | 'high-angle shot'
    /** Camera distance. */
    distance?: 'close-up' | 'medium shot' | 'wide shot'
    /** Views, in order. Default: right, back, left. */
    angles?: ('front-right quarter view' | 'right side view' | 'back-right quarter view' | 'back view' | 'back-left quarter view' | 'left side view' | 'front-left quarter view')[]
    /** A line spoken during one part. */
    dialogue?: string
    /** One line per part, in order. */
    dialogues?: string[]
    /** Part in which the line is spoken, counted from 0. */
    dialogueSegment?: number
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  overlay_video: {
    /** Overlays. Later ones are on top. */
    overlays: ({
      /** Text or image. */
      kind: 'text' | 'image'
      /** Position. */
      position: 'top-left' | 'top-center' | 'top-right' | 'center' | 'bottom-left' | 'bottom-center' | 'bottom-right'
      /** Pixels inward from the left or right. */
      offsetX?: number
      /** Pixels inward from the top or bottom. */
      offsetY?: number
      /** Start in seconds. */
      startSeconds?: number
      /** End in seconds. Default: end of the video. */
      endSeconds?: number
      /** Text of a text overlay. */
      text?: string
      /** Text size in % of the height. */
      fontSizePct?: number
      /** Text color. */
      color?: string
      /** Outline color. */
      outlineColor?: string
      /** Background color. */
      backgroundColor?: string
      /** Text weight. */
      fontWeight?: 'normal' | 'bold'
      /**
       * Image of an image overlay: its position among this call's images, or among the run's if it
       * has none. Default: the next one.
       */
      sourceImageIndex?: number
      /** Image width in % of the frame. */
      widthPct?: number
      /** Image opacity, 0–1. */
      opacity?: number
      /** Keep proportions, or fill the frame. */
      fit?: 'contain' | 'cover'
      /** Video to show instead of an image: its position among this call's overlay videos. */
      overlayVideoIndex?: number
      /** Volume of that video, 0–1. */
      volume?: number
      /** Center, in % of the width. */
      xPct?: number
      /** Center, in % of the height. */
      yPct?: number
      /** Animation. */
      entrance?: 'none' | 'fade' | 'rise' | 'slide' | 'pop'
      /** Length of the animation in seconds. */
      fadeSeconds?: number
      /** Shape of the image. */
      shape?: 'none' | 'rounded' | 'circle'
      /** Border color. */
      borderColor?: string
      /** Add a shadow. */
      shadow?: boolean
      /** Color to remove, such as a green screen. */
      keyColor?: string
    })[]
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    source_video_url?: string
    /** Overlay images: position among the run's image results; -1 is the first one sent. */
    overlayImageIndices?: number[]
    /** Overlay images: https URL. */
    overlay_image_urls?: string[]
    /** Overlay videos: position among the run's video results; -1 is the first one sent. */
    overlayVideoIndices?: number[]
    /** Overlay videos: https URL. */
    overlay_video_urls?: string[]
  }
  refine_result: {
    /** What to improve. */
    prompt: string
    /** Model. Default: the provider's choice. */
    model?: string
    /** Times larger per side. */
    scale?: 1 | 1.5 | 2 | 3 | 4
    /** Number of images, 1–16. */
    numberOfVariations?: number
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  remove_background: {
    /** Model. Default: the provider's choice. */
    model?: string
    /** Return the cut-out. If off, returns the mask. */
    applyMask?: boolean
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  replace_video_segment: {
    /** Start in seconds. Negative: from the end. */
    startSeconds: number
    /** End in seconds. Negative: from the end. */
    endSeconds: number
    /** What happens in this part. */
    prompt?: string
    /** Start of the replacement clip in seconds. */
    replacementStartSeconds?: number
    /** End of the replacement clip in seconds. */
    replacementEndSeconds?: number
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Keep the original sound. */
    keepOriginalAudio?: boolean
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    source_video_url?: string
    /** Replacement clip: position among the run's video results; -1 is the first one sent. */
    replacementVideoIndex?: number
    /** Replacement clip: https URL. */
    replacement_video_url?: string
  }
  restore_photo: {
    /** How the restored photo should look. */
    prompt: string
    /** Model. Default: the provider's choice. */
    model?: string
    /** Faster or more thorough. Default: the provider's choice. */
    quality?: 'fast' | 'hq'
    /** Times larger per side. */
    scale?: 1 | 1.5 | 2 | 3 | 4
    /** Number of images, 1–16. */
    numberOfVariations?: number
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Photo: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Photo: https URL. */
    source_image_url?: string
    /** Photo: https URL. */
    reference_image_url?: string
  }
  segment_image: {
    /** Model. Default: the provider's choice. */
    model?: string
    /** What to select. */
    text?: string
    /** Points to include or exclude. */
    points?: ({
      /** From the left edge, 0 to 1. */
      x: number
      /** From the top edge, 0 to 1. */
      y: number
      /** Include or exclude this point. */
      label: 'positive' | 'negative'
    })[]
    /** Boxes around objects. */
    boxes?: ({
      /** Left edge, 0 to 1. */
      x0: number
      /** Top edge, 0 to 1. */
      y0: number
      /** Right edge, 0 to 1. */
      x1: number
      /** Bottom edge, 0 to 1. */
      y1: number
      /** Include or exclude this box. */
      label?: 'positive' | 'negative'
    })[]
    /** Keep this many of the best matches. Default: all. */
    maxInstances?: number
    /** Minimum confidence, 0–1. */
    threshold?: number
    /** Return several candidates per point. Default: the provider's choice. */
    multimask?: boolean
    /** Return the cut-out instead of the mask. */
    applyMask?: boolean
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  sound_to_video: {
    /** What the video shows. */
    prompt: string
    /** Length in seconds. */
    duration?: number
    /** Start in the audio, in seconds. */
    audioStart?: number
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Width in pixels. */
    width?: number
    /** Height in pixels. */
    height?: number
    /** Short side in pixels. */
    targetResolution?: number
    /** Number of videos, 1–16. */
    numberOfVariations?: number
    /** Add sound, if the model can. */
    generateAudio?: boolean
    /** What to avoid. */
    negativePrompt?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Let the model improve the prompt. */
    expandPrompt?: boolean
    /** Preset aspect ratio, for models with presets. Adaptive follows the source. */
    ratio?: 'adaptive' | '16:9' | '4:3' | '1:1' | '3:4' | '9:16'
    /** Add the model's watermark. */
    watermark?: boolean
    /** https URL of a document for reference. */
    referenceFileUrl?: string
    /** https URL of a web page for reference. */
    referenceLinkUrl?: string
    /** LoRA ids, in order. */
    loras?: string[]
    /** Strength per LoRA, in the same order. */
    loraStrengths?: number[]
    /** File format. */
    outputFormat?: 'mp4' | 'mov'
    /** Also return the last frame as an image. */
    returnLastFrame?: boolean
    /** Audio: position among the run's audio results; -1 is the first one sent. */
    audioSourceIndex?: number
    /** Audio: https URL. */
    reference_audio_url?: string
    /** Audio: position among the run's audio results; -1 is the first one sent. */
    audioIndex?: number
    /** Audio: https URL. */
    source_audio_url?: string
    /** First frame: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** First frame: https URL. */
    reference_image_url?: string
    /** First frame: https URL. */
    source_image_url?: string
    /** Last frame: position among the run's image results; -1 is the first one sent. */
    endImageIndex?: number
    /** Last frame: https URL. */
    reference_image_end_url?: string
  }
  stitch_video: {
    /** Transition between clips. Default: cut. */
    transition?: {
      /** Transition between clips. */
      type: 'fade' | 'dissolve' | 'wipeleft' | 'wiperight' | 'slideup' | 'slidedown'
      /** Length of each transition in seconds. */
      durationSeconds?: number
    }
    /** Keep the clips' sound under the soundtrack. */
    keepSourceAudio?: boolean
    /** Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350. */
    aspectRatio?: string
    /** Short side in pixels. */
    targetResolution?: number
    /** Frames per second. Default: the first clip's. */
    fps?: number
    /** How clips of other shapes fit: with bars, cropped, or on a blurred copy. */
    fit?: 'contain' | 'cover' | 'blur'
    /** Loudness in LUFS, such as -16 for the web. Default: unchanged. */
    loudness?: number
    /** Clips, in order: position among the run's video results; -1 is the first one sent. */
    videoIndices: number[]
    /** Clips, in order: https URL. */
    reference_video_urls?: string[]
    /** Clips, in order: https URL. */
    reference_video_url?: string
    /** Clips, in order: https URL. */
    video_urls?: string[]
    /** Clips, in order: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndices?: number[]
    /** Soundtrack: position among the run's audio results; -1 is the first one sent. */
    audioIndex?: number
    /** Soundtrack: https URL. */
    reference_audio_url?: string
    /** Soundtrack: position among the run's audio results; -1 is the first one sent. */
    audioSourceIndex?: number
    /** Soundtrack: https URL. */
    audio_url?: string
  }
  upscale_image: {
    /** Model. Default: the provider's choice. */
    model?: string
    /** Times larger per side. */
    scale?: 2 | 3 | 4
    /** Long side in pixels, instead of a scale. */
    targetLongestEdge?: number
    /** Image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Image: https URL. */
    source_image_url?: string
    /** Image: https URL. */
    reference_image_url?: string
  }
  upscale_video: {
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Short side in pixels. Default: 1440, or 1080 for small videos. */
    targetResolution?: 1080 | 1440
    /** More stable, or more detail. */
    detailPreference?: 'stable' | 'sharper'
    /** More stable, or faster. */
    processingSpeed?: 'stable' | 'faster'
    /** Varies the finest detail. -1: random. */
    seed?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    source_video_url?: string
  }
  validate_asset_references: {
    /** Model. */
    model_id: string
    /** Prompt to check. */
    prompt: string
  }
  video_to_video: {
    /** How the new video looks. */
    prompt: string
    /** What stays from the original: motion, edges, poses, depth… */
    controlMode?: 'animate-move' | 'animate-replace' | 'canny' | 'pose' | 'depth' | 'detailer' | 'outpaint' | 'inpaint' | 'seedance-v2v'
    /** Model. Default: the provider's choice. */
    videoModel?: string
    /** Length in seconds. Default: as the original. */
    duration?: number
    /** Width in pixels. */
    width?: number
    /** Height in pixels. */
    height?: number
    /** Short side in pixels. */
    targetResolution?: number
    /** Position of the original in the larger frame. */
    outpaintPosition?: 'center' | 'top' | 'bottom' | 'left' | 'right'
    /** Aspect ratio of the larger frame. */
    outpaintAspectRatio?: '16:9' | '9:16' | '1:1' | '4:3' | '3:4' | '21:9'
    /** Number of videos, 1–16. */
    numberOfVariations?: number
    /** Add sound, if the model can. */
    generateAudio?: boolean
    /** What to avoid. */
    negativePrompt?: string
    /** Same seed and settings, same result. Empty or -1: random. */
    seed?: number
    /** Let the model improve the prompt. */
    expandPrompt?: boolean
    /** How strongly the prompt changes the video, 0–1. */
    promptStrength?: number
    /** How much detail the detailer mode adds, 0–1. */
    detailerStrength?: number
    /** Start in the original, in seconds. */
    videoStart?: number
    /** File format. */
    outputFormat?: 'mp4' | 'mov'
    /** Also return the last frame as an image. */
    returnLastFrame?: boolean
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoSourceIndex?: number
    /** Video: https URL. */
    reference_video_url?: string
    /** Video: position among the run's video results; -1 is the first one sent. */
    sourceVideoIndex?: number
    /** Video: position among the run's video results; -1 is the first one sent. */
    videoIndex?: number
    /** Video: https URL. */
    source_video_url?: string
    /** Video: https URL. */
    reference_video_urls?: string[]
    /** Subject image: position among the run's image results; -1 is the first one sent. */
    sourceImageIndex?: number
    /** Subject image: https URL. */
    reference_image_url?: string
    /** Subject image: position among the run's image results; -1 is the first one sent. */
    referenceImageIndices?: number[]
    /** Subject image: https URL. */
    reference_image_urls?: string[]
    /** Subject image: https URL. */
    source_image_url?: string
    /**
     * Mask: position among the run's image results; -1 is the first one sent. White areas change,
     * black areas stay.
     */
    maskImageIndex?: number
    /** Mask: https URL. White areas change, black areas stay. */
    mask_image_url?: string
    /** Reference audio: position among the run's audio results; -1 is the first one sent. */
    referenceAudioIndex?: number
    /** Reference audio: https URL. */
    reference_audio_url?: string
    /** Reference audio: position among the run's audio results; -1 is the first one sent. */
    referenceAudioIndices?: number[]
    /** Reference audio: https URL. */
    reference_audio_urls?: string[]
  }
}

export type ToolName = keyof ToolArguments
