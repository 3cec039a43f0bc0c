"""The phrases of sound, in six languages. Pure data."""

from __future__ import annotations

from typing import Literal

from compose.brief.clean import one_of
from compose.brief.words import Phrases

Cue = Literal[
    "silent",
    "silent_look",
    "no_music",
    "no_speech",
    "only_music",
    "no_subtitles",
    "music",
    "speech",
    "subtitles",
    "lyrics",
    "kept",
    "sound",
]

CUES: Phrases[Cue] = Phrases(
    any={
        "silent": "без звука, 无声, 静音, 音なし, 無音, بدون صوت, बिना आवाज़",
        "music": "музыка, музыкой, музыку, 音楽, 音乐, 配乐, موسيقى, संगीत",
        "no_music": "без музыки",
        "speech": "озвучка, диктор, закадровый голос, ナレーション, 旁白, تعليق صوتي",
        "subtitles": "субтитры, субтитрами, 字幕, ترجمة",
    },
    en={
        "silent": "remove the sound, remove the audio, remove the music, strip the audio, take out"
        " the sound, delete the sound, no sound, no audio, without sound, without audio,"
        " without any sound,"
        " soundless, no sounds, sound off, audio off, mute, muted, no sound at all, no"
        " sound please, no music or voice, no voice or music, no music no voice, no sound"
        " or music, no music and no voice, keep it silent, make it silent, keep it mute,"
        " no soundtrack, without any audio, no sound needed, zero sound, no audio at all,"
        " silently please, doesn't need sound, don't need sound, does not need sound, no"
        " sund, no noise",
        "silent_look": "silent, fully silent, completely silent",
        "no_music": "no music, without music, without any music, no background music, skip music,"
        " skip the music, no soundtrack music, leave out the music, don't add music,"
        " music free",
        "no_speech": "no voice, no voiceover, no voice over, no narration, no narrator, no"
        " talking, no speech, no dialogue, no dialog, without voice, without narration,"
        " no voices, without voiceover, without a voiceover, no speaking, no one talks,"
        " no one speaks, without talking, without dialogue, no vo, no spoken words,"
        " nobody talks, no words",
        "only_music": "music only, just music, only music, instrumental only, music no voice",
        "no_subtitles": "no subtitles, no captions, without subtitles, without captions, no subs",
        "music": "music, soundtrack, sound track, background music, musical score, theme tune,"
        " theme song, musik, musics, muisc, musc, backing track, backing music, music"
        " bed, orchestral score, film score, beats, tunes, melody, jingle, instrumental"
        " track, instrumental, drumbeat, drum beat",
        "speech": "voiceover, voice over, voice-over, voiceovers, voice overs, narration,"
        " narrated, narrator, narrate it, narrate, voice, spoken, spoken text, spoken"
        " words, speaker, read aloud, reading aloud, vo, storyteller, naration, narated,"
        " a narrator, voice explains, voice telling, spoken intro, told by, dialogue,"
        " dialog, presenter voice, off-screen voice, speaking, voiced, vocal commentary,"
        " commentary",
        "subtitles": "subtitles, subtitle, subtitled, captions, captioned, subs, closed captions,"
        " subtitels, on-screen captions, burned-in captions, with caption, subtitels,"
        " captionned, add captions, add subtitles, put subtitles",
        "lyrics": "with lyrics, lyrics, with words sung, sung, with vocals, vocals, singing"
        " voice, with singing, rap verse, a singer",
        "kept": "keep the sound, keep the audio, keep the original sound, keep original sound,"
        " keep original audio, keep the original audio, original sound, original audio,"
        " keep its sound, keep sound, keep my audio, keep audio, sound stays, audio"
        " stays, keep the music, leave the sound, leave the audio",
        "sound": "with sound, sound on, with audio",
    },
    de={
        "silent": "ohne ton, ohne sound, stumm, tonlos, kein ton, ohne audio, ohne jeden ton,"
        " lautlos, kein sound",
        "no_music": "ohne musik, keine musik",
        "no_speech": "ohne sprecher, ohne stimme, kein sprecher, keine stimme, ohne sprache, ohne"
        " erzahler, ohne kommentar",
        "only_music": "nur musik, nur mit musik",
        "no_subtitles": "ohne untertitel, keine untertitel",
        "music": "musik, hintergrundmusik, klaviermusik, filmmusik, soundtrack, popmusik,"
        " gitarrenmusik, tanzmusik, volksmusik, musikbegleitung, melodie, klaviermelodie",
        "speech": "sprecher, sprecherin, erzahler, erzahlerin, stimme, gesprochen, erzahlt,"
        " voiceover, off stimme, kommentar, sprecherstimme, erzahlstimme, vorgelesen,"
        " sprechtext, gesprochener, gesprochene",
        "subtitles": "untertitel, untertiteln, untertitelt",
        "lyrics": "mit gesang, mit text gesungen, gesungen, gesang, liedtext",
        "kept": "originalton, ton behalten, ton bleibt",
        "sound": "mit ton",
    },
    fr={
        "silent": "sans son, muet, muette, sans audio, aucun son, pas de son, sans le son, sans"
        " aucun son, silencieux, silencieuse",
        "no_music": "sans musique, pas de musique",
        "no_speech": "sans voix, pas de voix, sans narration, sans voix off, sans parole, sans"
        " paroles",
        "only_music": "musique seulement, juste de la musique, musique uniquement",
        "no_subtitles": "sans sous titres, pas de sous titres",
        "music": "musique, musique de fond, bande son, bande originale, melodie",
        "speech": "voix, voix off, voix-off, narration, narrateur, narratrice, commentaire,"
        " raconte, racontee, narre",
        "subtitles": "sous titres, sous-titres, sous titre, sous-titre, sous titree",
        "lyrics": "avec paroles, chante, chantee, paroles",
        "kept": "son d'origine, garder le son, son original",
        "sound": "avec son",
    },
    es={
        "silent": "sin sonido, sin audio, mudo, muda, en silencio, silencioso, silenciosa",
        "no_music": "sin musica",
        "no_speech": "sin voz, sin narracion, sin voz en off, sin narrador, sin locucion",
        "only_music": "solo musica, solo con musica",
        "no_subtitles": "sin subtitulos",
        "music": "musica, banda sonora, musica de fondo, melodia",
        "speech": "voz, voz en off, narracion, narrador, narradora, narrado, narrada, locucion,"
        " locutor",
        "subtitles": "subtitulos, subtitulado, subtitulada",
        "lyrics": "con letra, cantada, cantado",
        "kept": "sonido original, audio original",
        "sound": "con sonido",
    },
    it={
        "silent": "senza audio, senza suono, muto, muta, nessun suono, senza sonoro",
        "no_music": "senza musica",
        "no_speech": "senza voce, senza narrazione, senza parlato, senza voce fuori campo",
        "only_music": "solo musica",
        "no_subtitles": "senza sottotitoli",
        "music": "musica, colonna sonora, musica di sottofondo, melodia, sottofondo musicale",
        "speech": "voce, voce fuori campo, voce narrante, narrazione, narratore, narrato, narrata",
        "subtitles": "sottotitoli, sottotitolato",
        "lyrics": "con testo cantato, cantata, cantato, con parole",
        "kept": "audio originale, suono originale",
        "sound": "con audio",
    },
    pt={
        "silent": "sem som, sem audio, mudo, muda, silencioso, silenciosa, nenhum som",
        "no_music": "sem musica",
        "no_speech": "sem voz, sem narracao, sem narrador, sem locucao",
        "only_music": "so musica, apenas musica, somente musica",
        "no_subtitles": "sem legendas",
        "music": "musica, trilha sonora, banda sonora, musica de fundo, melodia",
        "speech": "voz, narracao, narrador, narrado, narrada, locucao, voz off, voz em off",
        "subtitles": "legendas, legendado, legendada",
        "lyrics": "com letra, cantada, cantado",
        "kept": "som original, audio original",
        "sound": "com som",
    },
)

GENRES: Phrases[bool] = Phrases(
    any={
        True: "fado, jazz, lofi, lo-fi, lo fi, techno, hip hop, hip-hop, hiphop, bossa nova,"
        " synthwave, synth wave, drum and bass, drum & bass, dubstep, reggae, ska,"
        " reggaeton, dnb, bluegrass, flamenco, tango, samba, swing, ragtime, ambient"
        " drone, edm, house beat, house beats, trap beat, blues, funk, punk rock, heavy"
        " metal, country song, waltz, schlager, chanson, cumbia, salsa, afrobeat, k-pop,"
        " j-pop, phonk, ukulele strumming, drum roll, drumroll, string quartet, brass"
        " band, chiptune, acapella, a cappella, gregorian chant, choir singing, humming,"
        " orchestral swell, acoustic folk"
    },
)
INSTRUMENTS: Phrases[bool] = Phrases(
    any={True: "piano, violin, cello, saxophone, sax, ukulele, synth, synths, harp, accordion"},
    en={
        True: "guitar, guitars, drum, drums, drumming, strings, bass, bassline, bells, choir,"
        " orchestra, flute, trumpet, organ, percussion, harmonica, banjo, fiddle, music"
        " box, brass, marimba, electronica, pads, folk guitar, violins, bongos, kalimba,"
        " pan flute"
    },
    de={True: "klavier, gitarre, trommel, trommeln, geige, flote, orchester, chor, akkordeon"},
    fr={True: "guitare, violon, tambour, tambours, flute, orchestre, accordeon, batterie"},
    es={True: "guitarra, violin, tambores, tambor, flauta, orquesta, acordeon, bateria"},
    it={True: "pianoforte, chitarra, violino, tamburi, flauto, orchestra, fisarmonica, mandolino"},
    pt={True: "guitarra, violao, violino, tambores, flauta, orquestra, cavaquinho"},
)
EFFECTS: Phrases[bool] = Phrases(
    en={
        True: "whoosh, woosh, swoosh, ding, boom, sound effect, sound effects, sfx, riser,"
        " crackle, ambient sound, ambient sounds, natural sound, natural sounds, nature"
        " sounds, birdsong, rain sounds, sound of rain, sound of waves, ocean sounds,"
        " room tone, applause, wave sounds, sound of the sea, traffic noise, thunder"
        " sound, city noise, click sound, vinyl crackle, foley, sizzling sound, asmr,"
        " heartbeat sound, forest sounds, whooshes"
    },
    de={True: "gerausche, naturgerausche, meeresrauschen, vogelgezwitscher"},
    fr={True: "bruit, bruits, bruitage, bruit des vagues, chant des oiseaux"},
    es={True: "efectos de sonido, sonido ambiente, sonido de olas"},
    it={True: "effetti sonori, rumore del mare, suoni della natura"},
    pt={True: "efeitos sonoros, som do mar, som ambiente"},
)
SAYING: Phrases[bool] = Phrases(
    en={
        True: "narrator, narrator says, narration, narrator reads, voiceover, voice over, vo,"
        " voiceover says, voice over says, voice says, the voice says, a voice says,"
        " voice, the narrator says, the voiceover says, says, say, saying, asks,"
        " whispers, shouts, speaks, voice text, spoken text, speech, spoken, line,"
        " narrator line, script, he says, she says, voiceover text, voice-over text,"
        " voice script, dialogue, reads aloud, whispering, sings, narration text, voice"
        " reads, voiceover reads, narrated, tells us, replies, answers, shouting, yells,"
        " vo text, said, the voice, a voice, narrates, speaker, speaker says"
    },
    de={
        True: "sprecher, sprecherin, erzahler, sagt, stimme, sprechertext, sprecher sagt, stimme"
        " sagt, ruft, flustert, fragt, erzahler sagt, off"
    },
    fr={True: "voix, voix off, narrateur, dit, la voix dit, demande, murmure, crie, narration"},
    es={True: "voz, voz en off, narrador, dice, la voz dice, pregunta, susurra, grita, narracion"},
    it={True: "voce, voce fuori campo, narratore, dice, la voce dice, chiede, sussurra, grida"},
    pt={True: "voz, narrador, diz, a voz diz, pergunta, sussurra, grita, narracao, locucao"},
)
# Before a quotation: the words are seen, not heard.
ON_SCREEN = one_of(
    "title titles text texts caption sign headline tagline slogan card banner label lettering"
    " reads reading words overlay screen logo board poster flyer billboard written"
    " writing letters note titel schild aufschrift schrift schriftzug tafel texte titre"
    " panneau texto titulo cartel testo titolo cartello letreiro placa cta claim"
    " supertitle lower button"
)
# Behind a word of music: it is a thing in the picture or another word.
NOT_MUSIC_AFTER = one_of(
    "video videos clip school shop store teacher lesson lessons club band bar festival room stand"
    " box singer musician musicians player players hall studio teachers producer app"
    " classroom student students fan fans lover lovers cafe concert night label awards"
    " magazine bars dancer dancers class classes videoclip pianist guitarist drummer trio"
    " quartet duo kneipe lehrer schule sangerin sanger"
)
# What a description of music or a voice does not reach beyond.
STOP_LEFT = one_of(
    "with and to set plus of the a an some add over but in for my our your by from on at"
    " featuring use using include includes including have has having make makes want"
    " wants need needs then it its is are be play plays playing under put between into"
    " please only just no not without that this these those all or as like where when"
    " while also about own hear mit und zu ohne der die das ein eine einen einer einem"
    " dazu fur von im am auf aus bitte avec et sans une un de du des la le les sur en"
    " pour au aux con y sin una unos el los las del para por e senza il lo gli di della"
    " dello nel nella per su com sem um uma o os do da dos na em mix cut cuts edited"
    " synced beat film video clip teaser trailer ad slideshow reel song"
)
