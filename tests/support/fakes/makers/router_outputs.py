"""Answers of the models behind Comfy Router: each provider's own JSON."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

from tests.support.fakes.makers.base import ProviderServer
from tests.support.fakes.makers.jobs import ProviderJob


def output_of(server: ProviderServer, job: ProviderJob, model: str) -> dict[str, Any]:
    """Write what the model's own provider answers."""
    match model.partition("/")[0]:
        case "vertexai":
            part: dict[str, Any] = {"inlineData": {"mimeType": "image/png"}}
            part["inlineData"]["data"] = _encoded(server, job)
            if job.body.get("uploadImagesToStorage"):
                url = server.file_url(job, "png")
                part = {"fileData": {"mimeType": "image/png", "fileUri": url}}
            content = {"role": "model", "parts": [part]}
            return {"candidates": [{"content": content, "finishReason": "STOP"}]}
        case "openai":
            count = int(job.body.get("n", 1))
            data = [{"b64_json": _encoded(server, job, n)} for n in range(count)]
            return {"created": int(job.asked_at), "data": data}
        case "bfl":
            result = {"sample": server.file_url(job, "png"), "seed": job.body.get("seed", 1)}
            return {"id": job.id, "status": "Ready", "result": result}
        case "kling":
            videos = [{"id": job.id, "url": server.file_url(job, "mp4"), "duration": "5"}]
            task = {"task_id": job.id, "task_status": "succeed", "final_unit_deduction": "1"}
            data = {**task, "task_result": {"videos": videos}}
            return {"code": 0, "message": "SUCCEED", "request_id": job.id, "data": data}
        case "byteplus" if "seedance" in model:
            files = {"video_url": server.file_url(job, "mp4")}
            if job.body.get("return_last_frame"):
                files["last_frame_url"] = server.file_url(job, "png")
            task = {"id": job.id, "model": model, "status": "succeeded"}
            return {**task, "content": files, "usage": {"total_tokens": 108_900}}
        case "byteplus":
            return {"model": model, "data": [{"url": server.file_url(job, "png")}]}
        case "veo":
            videos = [{"gcsUri": server.file_url(job, "mp4"), "mimeType": "video/mp4"}]
            response = {"raiMediaFilteredCount": 0, "videos": videos}
            return {"name": job.id, "done": True, "response": response}
        case "synclabs":
            url = server.file_url(job, "mp4")
            return {"id": job.id, "status": "COMPLETED", "outputUrl": url}
        case "runway":
            return {"id": job.id, "status": "SUCCEEDED", "output": [server.file_url(job, "mp4")]}
        case "meshy":
            urls = {"glb": server.file_url(job, "glb")}
            return {"id": job.id, "status": "SUCCEEDED", "model_urls": urls}
        case "bria":
            return {"result": {"image_url": server.file_url(job, "png")}, "request_id": job.id}
        case _:
            ending = "mp4" if "flash" in model or "video" in model else "png"
            data = {"id": job.id, "model": model, "status": "completed"}
            outputs = [server.file_url(job, ending)]
            return {"code": 200, "message": "success", "data": {**data, "outputs": outputs}}


def _encoded(server: ProviderServer, job: ProviderJob, number: int = 0) -> str:
    url = urlsplit(server.file_url(job, "png", number))
    name = url.path.rpartition("/")[2]
    return base64.b64encode(server.file(name)).decode()
