"""What a brief orders: a film, an image, a song or a slideshow, by the word for it. Pure."""

from __future__ import annotations

from typing import Literal

from compose.brief.clean import one_of
from compose.brief.words import Match, Phrases, Words

# loose: a film of one shot unless the brief says more. steps: one shot a step.
Product = Literal["film", "loose", "steps", "image", "song", "instrumental", "slideshow", "music"]

PRODUCTS: Phrases[Product] = Phrases(
    any={
        "film": "видео, ролик, фильм, 動画, 视频, فيديو, वीडियो, тизер, трейлер",
        "song": "песня, песню, 歌, أغنية, गाना",
        "image": "картинка, изображение, плакат, 画像, ポスター, 图片, صورة, चित्र",
    },
    en={
        "film": "video, videos, film, films, movie, teaser, trailer, ad, advert, advertisement,"
        " commercial, tv spot, spot, promo, promo video, short film, documentary,"
        " montage, music video, lyric video, storyboard, animatic, vlog, showreel, reel,"
        " youtube short, tiktok, story video, product video, product film, brand film,"
        " image film, recap, announcement, invitation video, video ad, clip show, fashion"
        " film, travel video, recruiting video, launch video, launch film, sizzle reel,"
        " tribute, film teaser, greeting video, video greeting, invitation, invite,"
        " wedding film, highlights video, instagram reel, instagram story, insta story,"
        " insta reel, ig reel, tik tok, tiktok video, vid, movie trailer, book trailer,"
        " game trailer, mini film, mini-film, bumper, sequence, tv ad, tv commercial, tv"
        " advert, animated short, animation, animated film, visualizer, social video,"
        " social ad, facebook ad, instagram ad, youtube ad, video postcard, moodfilm,"
        " mood film, bedtime story, fairy tale, story, story reel, youtube video,"
        " promotional video, tour, home tour, house tour, video tour, pitch video, visual"
        " poem, video essay, news clip, recipe video, b-roll",
        "loose": "clip, video clip, shot, gif, loop, intro, outro, opener, bumper, ident, title"
        " sequence, scene, background video, cinemagraph, animated gif, logo reveal, logo"
        " animation, podcast intro, end screen, screensaver, live wallpaper, looping"
        " video, video loop, sting, youtube intro, channel intro, one shot, background"
        " loop, looping background, moving background, single shot, stinger, title card",
        "steps": "explainer, explainer video, tutorial, how to video, instruction video,"
        " instructional video, explanation, lesson, guide, how-to video, walkthrough,"
        " explainer film, training video, learning video, recipe, safety video,"
        " explanatory video, educational video",
        "image": "image, images, picture, pictures, photo, photos, illustration, illustrations,"
        " poster, posters, logo, thumbnail, wallpaper, album cover, book cover, cover"
        " image, icon, icons, banner, flyer, portrait, drawing, painting, sticker,"
        " stickers, avatar, mockup, postcard, postcards, greeting card, card, pic, pics,"
        " cover, coloring page, colouring page, product photo, profile picture, profile"
        " pic, headshot, menu card, t-shirt design, pattern, birthday card, infographic,"
        " book illustration, portraits, moodboard, cover art, youtube thumbnail, leaflet,"
        " business card, comic strip, comic, comic page, mood board, webtoon,"
        " stills, still image, still, concept art, logos, image set",
        "song": "song, songs, lullaby, anthem, ballad, rap, rap song, love song, birthday song,"
        " hymn, pop song, folk song, kids song, children's song, christmas song, country"
        " song, rock song, tune with lyrics, sea shanty, shanty, nursery rhyme, theme"
        " song with lyrics, rock ballad, wedding song",
        "instrumental": "jingle, instrumental, instrumental track, beat, lofi beat, lo-fi beat,"
        " soundtrack, melody, theme music, background music, music track, piano piece,"
        " music loop, tune, theme tune, theme song, backing track, hold music, meditation"
        " music, track, music bed, composition, radio jingle",
        "slideshow": "slideshow, slide show, slideshows, photo slideshow, slide-show, photo film,"
        " photo montage, photo video, picture slideshow, photo story",
    },
    de={
        "film": "film, video, kurzfilm, werbefilm, werbespot, werbung, teaser, trailer, spot,"
        " musikvideo, produktvideo, imagefilm, werbevideo, storyboard, reel, filmchen,"
        " clip, animation, geschichte, einladung, dokumentation, einladungsvideo",
        "steps": "erklarvideo, erklarfilm, anleitung, tutorial, lernvideo",
        "image": "bild, poster, plakat, illustration, zeichnung, foto, postkarte, postkarten,"
        " logo, cover, karte",
        "song": "lied, song, geburtstagslied, schlaflied, kinderlied",
        "instrumental": "melodie, jingle",
        "slideshow": "diashow, fotoshow, dia show, bilderschau",
        "loose": "einstellung, szene, schleife, intro, vorspann",
    },
    fr={
        "film": "film, video, court metrage, publicite, pub, bande annonce, teaser, spot, clip,"
        " clip musical, storyboard, annonce, histoire",
        "steps": "tutoriel, tuto, explication",
        "image": "image, affiche, illustration, dessin, photo, carte postale, logo, couverture,"
        " vignette",
        "song": "chanson, berceuse",
        "instrumental": "jingle, melodie",
        "slideshow": "diaporama",
        "loose": "plan, boucle, intro, generique",
    },
    es={
        "film": "pelicula, video, corto, cortometraje, anuncio, trailer, teaser, spot, videoclip,"
        " historia, comercial, storyboard, clip",
        "steps": "tutorial, explicacion, videotutorial",
        "image": "imagen, cartel, ilustracion, dibujo, foto, postal, logo, portada",
        "song": "cancion, nana",
        "instrumental": "jingle, melodia",
        "slideshow": "presentacion de fotos, pase de diapositivas, presentacion",
        "loose": "toma, bucle, intro, plano",
    },
    it={
        "film": "film, video, corto, cortometraggio, pubblicita, spot, trailer, teaser,"
        " videoclip, storia, clip, storyboard",
        "steps": "tutorial, spiegazione",
        "image": "immagine, poster, manifesto, illustrazione, disegno, foto, cartolina, logo,"
        " copertina",
        "song": "canzone, ninna nanna",
        "instrumental": "jingle, melodia",
        "slideshow": "presentazione, slideshow",
        "loose": "inquadratura, loop, intro",
    },
    pt={
        "film": "filme, video, curta, curta metragem, anuncio, propaganda, trailer, teaser, spot,"
        " videoclipe, clipe, historia, comercial",
        "steps": "tutorial, explicacao",
        "image": "imagem, cartaz, poster, ilustracao, desenho, foto, postal, cartao postal, logo,"
        " capa",
        "song": "cancao, musica, cancao de ninar",
        "instrumental": "jingle, melodia",
        "slideshow": "apresentacao de fotos, slideshow, apresentacao",
        "loose": "tomada, loop, intro",
    },
)
# Words that only ask, before what is asked for.
REQUESTS: Phrases[bool] = Phrases(
    en={
        True: "please, make, make me, make us, create, create me, generate, produce, i want, i'd"
        " like, i would like, i need, we need, we want, we'd like, can you, could you,"
        " can u, give me, design, let's make, let us make, build, do, write, write me,"
        " compose, need, want, looking for, i'm looking for, we're looking for, hi,"
        " hello, hey, show, show me, draw, draw me, paint, film, shoot, put together,"
        " prepare, help me make, help me create, help me, plz, pls, would you, you make,"
        " i am making, i'm making, we are making, i want to make, i want to create, i'd"
        " like to make, we'd like, gimme, im making, i am looking for, to make, my idea,"
        " idea, explain, so, ok, okay, basically, something like, maybe, kindly, imagine, animate,"
        " render, to create, visualize, the brief, brief, task, request, to have, you to"
        " make, you to create, i wanna make, i wanna"
    },
    de={
        True: "bitte, mach, mache, erstelle, erzeuge, ich mochte, ich brauche, wir brauchen, ich"
        " will, gib mir, drehe, zeig, zeige, mach mir, kannst du, wir mochten, ich hatte"
        " gern, produziere, erklare, erklar, schreibe, komponiere, male"
    },
    fr={
        True: "s'il te plait, s'il vous plait, fais, faites, cree, creez, je veux, je voudrais,"
        " il me faut, montre, j'aimerais, nous voulons, on veut, fais moi, realise, explique,"
        " genere, ecris, dessine, peux tu, pouvez vous"
    },
    es={
        True: "por favor, haz, haga, crea, cree, quiero, necesito, necesitamos, hazme, genera,"
        " explica,"
        " muestra, quisiera, queremos, escribe, dibuja, puedes hacer, me gustaria"
    },
    it={
        True: "per favore, fai, fammi, crea, voglio, vorrei, mi serve, ci serve, genera, mostra,"
        " scrivi, disegna, abbiamo bisogno di, puoi fare, realizza"
    },
    pt={
        True: "por favor, faz, faca, crie, cria, quero, preciso de, precisamos de, gera, gere,"
        " mostra, mostre, gostaria de, escreve, escreva, desenha, me faca"
    },
)
ARTICLES = one_of(
    "a an the some one ein eine einen einem einer der die das den dem un une le la les l des una"
    " uno el los las unos unas il lo gli i um uma o os as"
)
# Between what is made and what it shows.
LINKS: Phrases[bool] = Phrases(
    en={
        True: "for, about, of, on, showing, that shows, which shows, featuring, with, where, in"
        " which, starring, presenting, introducing, to promote, promoting, advertising,"
        " celebrating, to celebrate, explaining, that explains, to announce, announcing,"
        " to advertise, to show, to introduce, to sell, to explain, to present, which"
        " explains, for the opening of, for the launch of, in, at, inviting to, based on,"
        " telling, that tells, from, depicting, covering, to go with, made for,"
        " describing, teaching, to teach, demonstrating, selling, inviting people to,"
        " showcasing, that promotes, that introduces, to accompany, to welcome, set in,"
        " called, that presents, aimed at, illustrating, highlighting, documenting, as"
    },
    de={
        True: "fur, uber, von, vom, zu, zum, zur, mit, aus, das zeigt, der zeigt, die zeigt, in"
        " dem, wo, eines, einer, in der, in, im, der, das, des, zeigt, am"
    },
    fr={
        True: "pour, sur, de, d, du, des, avec, montrant, qui montre, ou, dans, a propos de, de"
        " la, a, au"
    },
    es={True: "para, sobre, de, del, con, que muestra, donde, en, mostrando, acerca de"},
    it={
        True: "per, su, sul, sulla, di, del, della, con, che mostra, dove, in, dei, delle, a,"
        " dal, da"
    },
    pt={True: "para, sobre, de, do, da, com, que mostra, onde, em, no, na, mostrando, dos, das"},
)
# Adjectives that say nothing about what is seen.
EMPTY = one_of(
    "short quick little small simple nice great cool fun awesome beautiful amazing brief mini"
    " tiny new catchy perfect professional good high quality long full really very super"
    " lovely engaging attractive eye catching kurzer kurzes kurzen kleines kleiner kleine"
    " schones schoner courte court petite petit jolie corto corta breve pequeno pequena"
    " bonito bella bello curto curta fast stunning viral snappy me us complete whole"
    " style version social media promotional animated"
)


def first_product(words: Words, i: int, j: int) -> Match[Product] | None:
    """The first word for what is made in [i, j), the last one of a compound: of "music school
    video" it is "video"."""
    found: Match[Product] | None = None
    for match in PRODUCTS.find(words, i, j):
        if (
            found is None
            or match.i == found.j
            or (
                match.i <= found.j + 1
                and words.is_word(found.j)
                and (words.at(found.j) not in one_of("for of about with and from in on to by"))
            )
        ):
            found = match
        else:
            break
    return found


def is_link(words: Words, at: int) -> Match[bool] | None:
    return LINKS.match(words, at) if at < len(words) else None
