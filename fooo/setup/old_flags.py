"""Flags of other programs that have no meaning here: they are taken, and the person is told why they do nothing."""

from typing import Final

# Of Fooocus, the webui and their kin, by reason. "=" marks one with a value.
NOT_NEEDED: Final = {
    "attention is PyTorch's own, which is as fast": (
        "--xformers --force-enable-xformers --disable-xformers --attention-split --attention-quad --attention-pytorch"
        " --use-split-cross-attention --use-quad-cross-attention --use-pytorch-cross-attention"
        " --disable-attention-upcast --disable-attn-upcast --dont-upcast-attention --force-upcast-attention"
        " --opt-split-attention --opt-split-attention-v1 --opt-split-attention-invokeai --opt-sub-quad-attention"
        " --opt-sdp-attention --opt-sdp-no-mem-attention --disable-opt-split-attention --sub-quad-q-chunk-size="
        " --sub-quad-kv-chunk-size= --sub-quad-chunk-threshold="
    ),
    "memory is shared out by what the card has, and --memory low takes as little as it can": (
        "--medvram --medvram-sdxl --lowvram --lowram --highvram --normalvram --novram --gpu-only --reserve-vram="
        " --always-gpu --always-high-vram --always-normal-vram --always-low-vram --always-no-vram"
        " --always-offload-from-vram --disable-offload-from-vram --disable-smart-memory --vae-in-cpu --cpu-vae"
        " --always-batch-cond-uncond --batch-cond-uncond --cuda-malloc --disable-cuda-malloc --cuda-stream"
        " --pin-shared-memory --async-cuda-allocation --disable-async-cuda-allocation"
    ),
    "the number format is chosen for the device": (
        "--no-half --no-half-vae --no-half-controlnet --precision= --upcast-sampling --disable-nan-check"
        " --all-in-fp16 --all-in-fp32 --force-fp16 --force-fp32 --fp16-unet --bf16-unet"
        " --unet-in-bf16 --unet-in-fp16 --unet-in-fp8-e4m3fn --unet-in-fp8-e5m2"
        " --vae-in-fp16 --vae-in-fp32 --vae-in-bf16 --fp16-vae --fp32-vae --bf16-vae"
        " --clip-in-fp8-e4m3fn --clip-in-fp8-e5m2 --clip-in-fp16 --clip-in-fp32"
        " --opt-channelslast --channelslast --force-channels-last"
    ),
    "the device is found by itself": (
        "--skip-torch-cuda-test --directml= --use-directml --use-cuda --use-rocm --use-ipex --use-zluda"
        " --disable-ipex-hijack --disable-ipex-optimize"
        " --is-windows-embedded-python --windows-standalone-build"
    ),
    "setting up looks at what is installed, each time": (
        "--skip-install --skip-python-version-check --skip-version-check --skip-prepare-environment"
        " --reinstall-torch --reinstall-xformers --reinstall --update-check"
    ),
    "the same seed draws the same picture as it is": "--pytorch-deterministic --deterministic",
    "nothing about you is sent anywhere": "--disable-analytics --gradio-disable-analytics",
    "programs may call the page's address as it is": "--api",
    "the preview costs next to nothing": "--preview-option= --preview-method=",
    "there is no such part here": (
        "--update-all-extensions --enable-insecure-extension-access --disable-all-extensions"
        " --disable-extra-extensions --multi-user --debug-mode --disable-server-log --disable-server-info"
        " --disable-header-check= --web-upload-size= --external-working-path= --cache-path= --gradio-queue"
        " --no-gradio-queue --no-hashing --rebuild-hash-cache= --disable-console-progressbars"
        " --enable-console-prompts --disable-enhance-output-sorting"
    ),
}

# Flags whose feature is not here yet: to call these "not needed" would be a lie.
NOT_YET: Final = (
    "--disable-image-log --disable-preset-selection --disable-preset-download"
    " --always-download-new-model --enable-auto-describe-image --temp-path= --data-dir= --ckpt= --ckpt-dir= --lora-dir="
    " --vae-dir= --vae-path= --embeddings-dir= --hypernetwork-dir= --esrgan-models-path= --controlnet-dir="
    " --gradio-auth-path= --api-auth= --nowebui --api-server-stop --cors-allow-origins= --cors-allow-origins-regex="
    " --subpath= --tls-keyfile= --tls-certfile= --ui-config-file= --ui-settings-file= --freeze-settings"
    " --styles-file= --hide-ui-dir-config --use-cpu= --allow-code"
)
