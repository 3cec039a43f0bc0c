"""The words for files that a person brings, in six languages. Pure data."""

from __future__ import annotations

from compose.brief.clean import one_of
from compose.brief.words import Phrases

# (kind, name)
NOUNS: Phrases[tuple[str, str]] = Phrases(
    any={
        (
            "image",
            "photo",
        ): "photo, photos, foto, fotos, фото, фотография, фотографии, 写真, 照片, صورة, फोटो,"
        " तस्वीर",
        ("video", "video"): "video, videos, видео, 動画, 视频, فيديو, वीडियो",
        ("image", "logo"): "logo, logos, логотип, ロゴ",
    },
    en={
        (
            "image",
            "photo",
        ): "photograph, photographs, pic, pics, snapshot, snapshots, foto, photoes, fotos, phto,"
        " polaroid, polaroids, still, stills, jpg, jpeg, png, holiday snaps, snaps",
        (
            "image",
            "image",
        ): "picture, pictures, image, images, screenshot, screenshots, scan, scans, artwork,"
        " artworks, illustration, illustrations, pictue, picure, pictrue, graphic",
        ("image", "portrait"): "portrait, portraits, headshot, headshots",
        ("image", "selfie"): "selfie, selfies",
        (
            "image",
            "drawing",
        ): "drawing, drawings, sketch, sketches, doodle, doodles, painting, paintings, crayon"
        " drawing",
        (
            "image",
            "product_photo",
        ): "packshot, packshots, product shot, product shots, product picture, product pictures,"
        " product scan, product render, product image, product images",
        ("image", "render"): "render, renders, rendering, mockup, mockups, floor plan",
        (
            "video",
            "clip",
        ): "clip, clips, footage, video clip, video clips, gopro footage, raw footage",
        (
            "video",
            "video",
        ): "screen recording, screencast, vlog, movie, film, drone footage, reel, video"
        " recording, home video, home videos, vid, vids, mp4, timelapse footage, episode,"
        " screen capture, screen captures, gameplay, gameplay recording, interview,"
        " interviews, lecture, webinar, talk, livestream, stream, wedding video, phone video,"
        " dashcam footage, keynote, unboxing",
        (
            "audio",
            "song",
        ): "song, songs, track, tracks, tune, demo, mp3, music track, music file, single, new"
        " single, beat, instrumental",
        (
            "audio",
            "voice",
        ): "voice recording, voice recordings, voice memo, voice memos, voice note, recorded"
        " voice, voice-over recording, voiceover recording, voiceover file, narration"
        " file, recorded narration, recorded voiceover, voice track, voice message, voice"
        " clip, spoken word",
        (
            "audio",
            "audio",
        ): "audio, audio file, recording, audio recording, podcast episode, sound file, podcast"
        " recording, sound recording, podcast audio, wav, audio clip, podcast",
    },
    de={
        (
            "image",
            "photo",
        ): "foto, fotos, aufnahme, produktfoto, produktfotos, familienfoto, urlaubsfotos,"
        " urlaubsfoto, hochzeitsfoto, hochzeitsfotos",
        ("image", "image"): "bild, bilder, bildern, fotos, portrat, selfie, zeichnung, gemalde",
        ("video", "clip"): "clip, clips, video, videos, film",
        ("audio", "song"): "song, lied, musikstuck, titel",
        ("audio", "voice"): "sprachaufnahme, stimmaufnahme, sprachnachricht",
    },
    fr={
        ("image", "photo"): "photo, photos, photographie, photographies",
        ("image", "image"): "image, images, portrait, dessin, dessins",
        ("video", "clip"): "clip, clips, video, videos, film",
        ("audio", "song"): "chanson, morceau",
        ("audio", "voice"): "enregistrement, enregistrement vocal",
    },
    es={
        ("image", "photo"): "foto, fotos, fotografia, fotografias",
        ("image", "image"): "imagen, imagenes, retrato, dibujo, dibujos",
        ("video", "clip"): "clip, clips, video, videos",
        ("audio", "song"): "cancion",
        ("audio", "voice"): "grabacion, nota de voz",
    },
    it={
        ("image", "photo"): "foto, fotografia, fotografie",
        ("image", "image"): "immagine, immagini, ritratto, disegno, disegni",
        ("video", "clip"): "clip, video, filmato, filmati",
        ("audio", "song"): "canzone, brano",
        ("audio", "voice"): "registrazione, nota vocale",
    },
    pt={
        ("image", "photo"): "foto, fotos, fotografia, fotografias",
        ("image", "image"): "imagem, imagens, retrato, desenho, desenhos",
        ("video", "clip"): "clip, clipe, clipes, video, videos",
        ("audio", "song"): "cancao, musica",
        ("audio", "voice"): "gravacao, nota de voz",
    },
)
OWN = one_of(
    "my our these this those your mein meine meinen meinem meiner meines unser unsere unserem"
    " unseren diese dieses diesem diesen mon ma mes notre nos cette ces ce mi mis nuestro"
    " nuestra nuestros nuestras este esta estos estas mio mia miei mie nostro nostra"
    " nostri queste questi questa questo meu minha meus minhas nosso nossa nossos nossas"
    " estes essa essas esse moi moya моё моего мою мой мое моей моих 私 我 我的"
)
STATES = one_of("attached uploaded given provided following enclosed existing beigefugte adjunta")
# Words before a noun that say nothing about what the file shows.
ATTRIBUTES = one_of(
    "old new best favorite favourite own short long raw black white color colour faded blurry"
    " damaged scanned scratched torn vintage shaky dark two three single iphone phone"
    " drone gopro smartphone digital printed good nice beautiful hand drawn latest recent"
    " whole full original small big little static still transparent round alte alten"
    " altes neue neues vieja vieille vieilles vieux viejas vecchia vecchie velha antiga"
    " antigas antigua different various many all few some both first second low res"
    " quality vertical horizontal square and 10 30 60 minute hour phone's boring crappy"
    " blurred grainy 4k hd mp4 jpg png pdf"
)
GIVEN_VERBS: Phrases[str] = Phrases(
    en={
        "any": "from, using, use, based on, starting from, start from, starting with, out of, i"
        " have, i've got, i got, we have, i upload, i'll upload, i will upload, i bring,"
        " i'll bring, take, upload, i'm uploading, i'll send, i send, i provide, i'll"
        " provide, given, made of, we've got, i attach, i attached, i've attached, i'll"
        " give you, i give you, from just, with just, import",
        "edit": "turn, animate, restore, colorize, colourise, colorise, upscale, trim, crop,"
        " transform, convert, enhance, stylize, retouch, repair, cut out, sharpen,"
        " stabilize, shorten, extend, loop, bring to life, edit, fix, clean up, remaster,"
        " denoise, subtitle, caption, morph, stitch, stitch together, join, combine,"
        " merge, put together, enlarge, translate, dub",
    },
    de={
        "any": "aus, mit, nimm, verwende, nutze, ich habe, anhand, basierend auf",
        "edit": "animiere, restauriere, belebe, verwandle, schneide, kurze, hochskaliere,"
        " bearbeite, kombiniere, verbinde",
    },
    fr={
        "any": "a partir de, a partir d, depuis, avec, utilise, prends, j'ai, de",
        "edit": "anime, animer, restaure, restaurer, transforme, coupe, recadre, ameliore,"
        " assemble",
    },
    es={
        "any": "a partir de, desde, usando, usa, con, tengo, toma",
        "edit": "anima, animar, restaura, restaurar, transforma, recorta, mejora, convierte, une",
    },
    it={
        "any": "da, dalla, dalle, usando, usa, con, ho, prendi",
        "edit": "anima, animare, restaura, restaurare, trasforma, taglia, ritaglia, migliora,"
        " unisci",
    },
    pt={
        "any": "a partir de, usando, usa, use, com, tenho, pega, de",
        "edit": "anima, anime, animar, restaura, restaure, restaurar, transforma, transforme,"
        " corta, corte, melhore, junta, junte",
    },
)
# Names of what is made more often than brought: "a song from…" and "a film from…".
RESULTS = one_of("song")
PLURALS = one_of(
    "photos photographs pics pictures images snapshots screenshots scans drawings sketches clips"
    " videos songs tracks stills polaroids selfies portraits paintings fotos bilder"
    " bildern imagenes immagini imagens fotografias fotografie dessins disegni desenhos"
    " snaps footage illustrations artworks headshots recordings vids urlaubsfotos"
    " hochzeitsfotos produktfotos doodles logos"
)
NO_FILE_AFTER = one_of(
    "studio shop shops business store school channel gallery app blog exhibition course club"
    " company frame frames booth editor editing agency series magazine lesson class shoot"
    " shooting production podcast game games festival contest camera session wall library"
    " service services website call video videos film films teacher album book bookshop"
    " slideshow intro idea ideas story message montage format ad teaser trailer mode"
    " orientation tutorial tutorials quality credits blogger photographer calls card"
    " cards prompt brand brush"
)
PLAIN = {"photo": "photo", "image": "image", "clip": "clip", "video": "video", "logo": "logo"}
