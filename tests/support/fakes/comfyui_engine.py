"""What ComfyUI does with a prompt, without its models: validate, queue, execute, remember.

Written from its execution.py, nodes.py and main.py. Pictures are walls of a color that follows
from the graph, so that another graph gives another picture.
"""

from __future__ import annotations

import io
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from PIL import Image

from studio.tests.support.films import make_clip

MODELS = {
    "ckpt_name": ["sd_xl_base_1.0.safetensors", "flux1-dev-fp8.safetensors"],
    "unet_name": ["wan2.2_ti2v_5B_fp16.safetensors", "qwen_image_edit_fp8_e4m3fn.safetensors"],
    "model_name": ["RealESRGAN_x4plus.safetensors"],
}
RANGES = {"steps": (1, 10_000), "cfg": (0, 100), "width": (16, 16_384), "height": (16, 16_384)}
SAVING = {
    "SaveImage": "images",
    "SaveVideo": "images",
    "VHS_VideoCombine": "gifs",
    # Of an extension: only `/object_info` says that it saves.
    "AcmeImageOut": "images",
}
PREVIEWING = {"PreviewImage": "images"}
# Paid by an account at Comfy, whose key comes in `extra_data`.
PARTNERS = {"AcmePartnerImage"}
UNPAID = "Unauthorized: Please login first to use this node."
KNOWN = {
    *SAVING,
    *PARTNERS,
    *PREVIEWING,
    *("CheckpointLoaderSimple", "CLIPTextEncode", "EmptyLatentImage", "EmptySD3LatentImage"),
    *("KSampler", "VAEDecode", "VAEEncode", "VAELoader", "CLIPLoader", "UNETLoader", "LoadImage"),
    *("LoadImageMask", "ImageScale", "FluxGuidance", "ConditioningZeroOut", "ModelSamplingSD3"),
    *("InpaintModelConditioning", "RepeatLatentBatch", "ImageCompositeMasked", "CreateVideo"),
    *("UpscaleModelLoader", "ImageUpscaleWithModel", "Wan22ImageToVideoLatent"),
    *("TextEncodeQwenImageEdit", "ModelSamplingAuraFlow"),
}

# What nodes choose files from, by node type: as older versions describe it, and as newer ones do.
LOADERS: dict[str, dict[str, Any]] = {
    "CheckpointLoaderSimple": {"ckpt_name": [MODELS["ckpt_name"]]},
    "UNETLoader": {"unet_name": [MODELS["unet_name"], {"tooltip": "weights"}]},
    "UpscaleModelLoader": {"model_name": ["COMBO", {"options": MODELS["model_name"]}]},
    "CLIPLoader": {
        "clip_name": [["umt5_xxl_fp8_e4m3fn_scaled.safetensors"]],
        "type": [["wan", "qwen_image"]],
    },
    "VAELoader": {"vae_name": ["COMBO", {"options": ["wan2.2_vae.safetensors"]}]},
    "KSampler": {
        "sampler_name": [["euler", "dpmpp_2m", "uni_pc"]],
        "scheduler": [["normal", "karras", "simple"]],
        "steps": ["INT", {"default": 20}],
    },
}
FILES = ("ckpt_name", "unet_name", "model_name", "clip_name", "vae_name")
SAVED = {
    "SaveImage": {"images": ["IMAGE"], "filename_prefix": ["STRING"]},
    "SaveVideo": {"video": ["VIDEO"]},
    "VHS_VideoCombine": {"images": ["IMAGE"], "frame_rate": ["FLOAT"]},
    "AcmeImageOut": {"pictures": ["IMAGE"], "quality": ["INT"]},
    "PreviewImage": {"images": ["IMAGE"]},
}

Send = Callable[[str, dict[str, Any]], None]


@dataclass
class Switches:
    """What goes wrong, or goes slowly. Tests set them; the defaults are a server that works.

    gate: cleared, the sampler waits in the middle of its steps. step_s: seconds each of its steps
    takes. late_history: so many times a prompt that is over is still shown as running. wrong_file:
    bytes handed out for every result. raises: (type, message) the sampler fails with. cached: nodes
    that are not executed again. partner_fails: a partner node crashes, and its message repeats the
    account key. refuses_partners: a prompt with one is refused, and the answer repeats its
    `extra_data`. describes_nodes: it has `/object_info`.
    """

    version: str | None = "0.3.64"
    takes_ids: bool = True
    refuse_sockets: bool = False
    drop_sockets_at_step: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    step_s: float = 0.0
    late_history: int = 0
    wrong_file: bytes | None = None
    raises: tuple[str, str] | None = None
    cached: tuple[str, ...] = ()
    token: str = ""
    status: int = 0
    previews_only: bool = False
    no_weights: bool = False
    lose_answer: bool = False
    page_for_prompt: bool = False
    partner_fails: bool = False
    refuses_partners: bool = False
    describes_nodes: bool = True

    def __post_init__(self) -> None:
        self.gate.set()


@dataclass
class Prompt:
    number: float
    id: str
    nodes: dict[str, Any]
    extra: dict[str, Any]

    def item(self) -> list[Any]:
        return [self.number, self.id, self.nodes, self.extra, outputs_of(self.nodes)]


class Interrupted(Exception):
    pass


def outputs_of(nodes: Mapping[str, Any]) -> list[str]:
    return [
        node_id for node_id, node in nodes.items() if node["class_type"] in {**SAVING, **PREVIEWING}
    ]


def png(width: int, height: int, colour: bytes) -> bytes:
    """A wall of one color, 8 bit RGB."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), tuple(colour[:3])).save(file, "PNG")
    return file.getvalue()


class Engine:
    """The queue and the thread that works it off. send: to the socket of a client."""

    def __init__(self, folder: Path, switches: Switches) -> None:
        self.folder = folder
        self.switches = switches
        self.lock = threading.Condition()
        self.pending: list[Prompt] = []
        self.running: Prompt | None = None
        self.history: dict[str, dict[str, Any]] = {}
        self.executed: list[str] = []
        self.interrupt = threading.Event()
        self.ended = threading.Event()
        self.send: Callable[[str, str, dict[str, Any]], None] = lambda client, kind, data: None
        self.drop: Callable[[], None] = lambda: None
        # Called once a prompt is in the history.
        self.over: Callable[[str], None] = lambda prompt_id: None
        self._numbers = itertools.count()
        self._late: dict[str, int] = {}
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    # -- the queue --------------------------------------------------------------------------------

    def put(self, prompt_id: str, nodes: dict[str, Any], extra: dict[str, Any]) -> Prompt:
        prompt = Prompt(next(self._numbers), prompt_id, nodes, extra)
        with self.lock:
            self.pending.append(prompt)
            self.lock.notify_all()
        self._tell_status()
        return prompt

    def delete(self, prompt_id: str) -> None:
        with self.lock:
            self.pending = [prompt for prompt in self.pending if prompt.id != prompt_id]
        self._tell_status()

    def stop_running(self, prompt_id: str | None) -> bool:
        """Interrupt what runs, if it is this one; servers of old do not look which it is."""
        with self.lock:
            runs = self.running
            if runs is None or (prompt_id is not None and prompt_id != runs.id):
                return False
            self.interrupt.set()
            return True

    def forget_everything(self) -> None:
        """As a restart does."""
        with self.lock:
            self.pending, self.history = [], {}
            if self.running is not None:
                self.running.id = "gone"
                self.interrupt.set()

    def told(self, prompt_id: str) -> dict[str, Any]:
        with self.lock:
            entry = self.history.get(prompt_id)
            if entry is None:
                return {}
            if self._late.get(prompt_id):
                return {}
            return {prompt_id: entry}

    def queue(self) -> dict[str, Any]:
        with self.lock:
            running = [self.running.item()] if self.running else []
            # What is over, and said so, but is not in the history yet.
            for late, left in self._late.items():
                if left:
                    running.append(self.history[late]["prompt"])
                    self._late[late] = left - 1
            return {
                "queue_running": running,
                "queue_pending": [prompt.item() for prompt in self.pending],
            }

    def described(self) -> dict[str, Any]:
        """`/object_info`: every node type, with its inputs."""
        found = {}
        for name in sorted(KNOWN):
            inputs = {**LOADERS.get(name, {}), **SAVED.get(name, {})}
            if self.switches.no_weights:
                inputs = {one: [[]] if one in FILES else spec for one, spec in inputs.items()}
            found[name] = {"input": {"required": inputs}, "output_node": name in SAVED}
            if name in PARTNERS:
                found[name]["api_node"] = True
        return found

    def end(self) -> None:
        self.ended.set()
        self.switches.gate.set()
        self.interrupt.set()
        with self.lock:
            self.lock.notify_all()
        self._thread.join(10)

    # -- validation -------------------------------------------------------------------------------

    def problems(self, nodes: Mapping[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """`error` and `node_errors` as POST /prompt answers them; (None, {}) for a sound graph."""
        for node_id, node in nodes.items():
            if node.get("class_type") not in KNOWN:
                return _error(
                    "invalid_prompt",
                    f"Cannot execute because node {node.get('class_type')} does not exist.",
                    f"Node ID '#{node_id}'",
                ), {}
        if not outputs_of(nodes):
            return _error("prompt_no_outputs", "Prompt has no outputs", ""), {}
        wrong = {
            node_id: {
                "errors": found,
                "dependent_outputs": outputs_of(nodes),
                "class_type": node["class_type"],
            }
            for node_id, node in nodes.items()
            if (found := [p for pair in node["inputs"].items() if (p := self._problem(*pair))])
        }
        if not wrong:
            return None, {}
        details = "\n".join(
            f"{one['message']}: {one['details']}"
            for node in wrong.values()
            for one in node["errors"]
        )
        return _error(
            "prompt_outputs_failed_validation", "Prompt outputs failed validation", details
        ), wrong

    def _problem(self, name: str, value: Any) -> dict[str, Any] | None:
        if isinstance(value, list):
            return None
        extra = {"input_name": name, "received_value": value}
        if name in MODELS and value not in MODELS[name]:
            details = f"{name}: '{value}' not in {MODELS[name]}"
            return {
                **_error("value_not_in_list", "Value not in list", details),
                "extra_info": extra,
            }
        low, high = RANGES.get(name, (None, None))
        if low is not None and high is not None:
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                found = _error("invalid_input_type", "Failed to convert an input value", name)
                return {**found, "extra_info": extra}
            if value < low:
                found = _error("value_smaller_than_min", f"Value {value} smaller than {low}", name)
                return {**found, "extra_info": extra}
            if value > high:
                found = _error("value_bigger_than_max", f"Value {value} bigger than {high}", name)
                return {**found, "extra_info": extra}
        if name == "image" and not (self.folder / "input" / str(value)).is_file():
            details = f"{name} - Invalid image file: {value}"
            found = _error("custom_validation_failed", "Custom validation failed for node", details)
            return {**found, "extra_info": extra}
        return None

    # -- execution --------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self.ended.is_set():
            with self.lock:
                while not self.pending and not self.ended.is_set():
                    self.lock.wait()
                if self.ended.is_set():
                    return
                prompt = self.running = self.pending.pop(0)
                self.interrupt.clear()
            self._tell_status()
            messages, outputs, succeeded = self._run(prompt)
            with self.lock:
                self.running = None
                self.executed.append(prompt.id)
                self._late[prompt.id] = self.switches.late_history
                self.history[prompt.id] = {
                    "prompt": prompt.item(),
                    "outputs": outputs,
                    "status": {
                        "status_str": "success" if succeeded else "error",
                        "completed": succeeded,
                        "messages": messages,
                    },
                    "meta": {},
                }
            self._say(prompt, "executing", {"node": None})
            self._tell_status()
            self.over(prompt.id)

    def _run(self, prompt: Prompt) -> tuple[list[Any], dict[str, Any], bool]:
        messages: list[Any] = []

        def note(kind: str, data: dict[str, Any]) -> None:
            data = {**data, "prompt_id": prompt.id, "timestamp": int(time.time() * 1000)}
            messages.append([kind, data])
            self._say(prompt, kind, data)

        note("execution_start", {})
        note("execution_cached", {"nodes": list(self.switches.cached)})
        outputs: dict[str, Any] = {}
        at = ""
        try:
            for node_id, node in prompt.nodes.items():
                at = node_id
                if node_id not in self.switches.cached:
                    self._execute(prompt, node_id, node)
                made = self._made(prompt, node_id, node)
                if made is not None:
                    outputs[node_id] = made
                    self._say(prompt, "executed", {"node": node_id, "output": made})
            note("execution_success", {})
            return messages, outputs, True
        except Interrupted:
            kind, more = "execution_interrupted", {}
        except MemoryError as problem:
            name, message = problem.args
            kind, more = (
                "execution_error",
                {"exception_type": name, "exception_message": message, "traceback": []},
            )
        where = {"node_id": at, "node_type": prompt.nodes[at]["class_type"], "executed": []}
        note(kind, {**where, **more})
        return messages, outputs, False

    def _execute(self, prompt: Prompt, node_id: str, node: Mapping[str, Any]) -> None:
        self._say(prompt, "executing", {"node": node_id, "display_node": node_id})
        if node["class_type"] in PARTNERS:
            self._pay(prompt)
        if node["class_type"] != "KSampler":
            return
        steps = node["inputs"]["steps"]
        for step in range(1, steps + 1):
            if self.switches.step_s:
                self.interrupt.wait(self.switches.step_s)
            while not self.switches.gate.wait(0.02) and not self.interrupt.is_set():
                pass
            if self.interrupt.is_set():
                raise Interrupted
            self._say(prompt, "progress", {"value": step, "max": steps, "node": node_id})
            state = {"value": step, "max": steps, "state": "running", "node_id": node_id}
            self._say(prompt, "progress_state", {"nodes": {node_id: state}})
            if step == self.switches.drop_sockets_at_step:
                self.drop()
        if self.switches.raises is not None:
            raise MemoryError(*self.switches.raises)

    def _pay(self, prompt: Prompt) -> None:
        key = prompt.extra.get("api_key_comfy_org")
        if not key:
            raise MemoryError("Exception", UNPAID)
        if self.switches.partner_fails:
            raise MemoryError("Exception", f"api.comfy.org answered 500 to the key {key}")

    def _made(self, prompt: Prompt, node_id: str, node: Mapping[str, Any]) -> dict[str, Any] | None:
        kind = node["class_type"]
        if kind not in SAVING and kind not in PREVIEWING:
            return None
        where = "temp" if kind in PREVIEWING or self.switches.previews_only else "output"
        folder = self.folder / where / "reel"
        folder.mkdir(parents=True, exist_ok=True)
        inputs = {name: value for each in prompt.nodes.values() for name, value in _inputs(each)}
        width, height = int(inputs.get("width", 64)), int(inputs.get("height", 64))
        files = []
        for place in range(int(inputs.get("batch_size", inputs.get("amount", 1)))):
            data = orjson.dumps([prompt.nodes, place, node_id])
            colour = sha256(data).digest()
            name = f"{colour[:6].hex()}_{place:05}_"
            if kind in ("SaveImage", "PreviewImage", "AcmeImageOut"):
                name += ".png"
                (folder / name).write_bytes(png(width, height, colour))
            else:
                name += ".mp4"
                make_clip(folder / name, frames=int(inputs.get("length", 12)), size=(64, 48))
            files.append({"filename": name, "subfolder": "reel", "type": where})
        more = {"animated": [True]} if kind == "SaveVideo" else {}
        return {{**SAVING, **PREVIEWING}[kind]: files, **more}

    def _say(self, prompt: Prompt, kind: str, data: dict[str, Any]) -> None:
        client = prompt.extra.get("client_id")
        if client:
            self.send(client, kind, {**data, "prompt_id": prompt.id})

    def _tell_status(self) -> None:
        with self.lock:
            left = len(self.pending) + (self.running is not None)
        self.send("", "status", {"status": {"exec_info": {"queue_remaining": left}}})


def _inputs(node: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in node["inputs"].items() if not isinstance(value, list)]


def _error(kind: str, message: str, details: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {}}
