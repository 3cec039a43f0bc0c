"""The phrases that join scenes and name kinds of shots and title cards. Pure data."""

from __future__ import annotations

from compose.brief.clean import one_of
from compose.brief.words import Phrases

STARTS: Phrases[str] = Phrases(
    en={
        "start": "first, first of all, firstly, at first, to start, to start with, we start with,"
        " start with, starts with, starting with, begin with, begins with, beginning"
        " with, opens with, opens on, open on, open with, it starts with, it begins with,"
        " first we see, we open on, we begin with, starts on, first up, it opens with,"
        " start on, opening with, opening on, in the beginning, starts in, at the"
        " beginning, at first",
        "next": "then, and then, next, after that, afterwards, secondly, thirdly, followed by,"
        " cut to, cuts to, then we see, next we see, and next, then it, we cut to, and"
        " after that, next up, then cut to, second, third, fourth, later, suddenly,"
        " meanwhile, a moment later, in the middle, moving on to, which becomes",
        "last": "finally, and finally, lastly, and lastly, at the end, in the end, ends with,"
        " ending with, end with, ends on, end on, ending on, closing with, closes with,"
        " and at the end, to finish, close on, closing on, finishes with, finish with,"
        " finishing with, last, and last, concluding with, at last, it ends with, and"
        " ends with, then finally, closes on, then at the end, finish on, ends in",
    },
    de={
        "start": "zuerst, zu beginn, erst, am anfang, als erstes, es beginnt mit, beginnt mit,"
        " anfangs",
        "next": "dann, danach, anschliessend, und dann, gefolgt von, darauf, schnitt auf, spater",
        "last": "zum schluss, am ende, schliesslich, zuletzt, endet mit, und zum schluss, zum ende",
    },
    fr={
        "start": "d'abord, tout d'abord, pour commencer, au debut, commence par",
        "next": "puis, ensuite, et puis, apres, suivi de, et ensuite",
        "last": "enfin, a la fin, pour finir, finalement, se termine par, et enfin, et a la fin",
    },
    es={
        "start": "primero, al principio, para empezar, empieza con, en primer lugar, comienza con",
        "next": "luego, despues, y luego, entonces, seguido de, y despues, a continuacion",
        "last": "finalmente, al final, por ultimo, para terminar, termina con, y al final, y por"
        " ultimo",
    },
    it={
        "start": "prima, all'inizio, per cominciare, inizia con, innanzitutto",
        "next": "poi, dopo, e poi, quindi, seguito da, in seguito",
        "last": "infine, alla fine, per finire, finisce con, e infine, e alla fine",
    },
    pt={
        "start": "primeiro, no inicio, para comecar, comeca com",
        "next": "depois, em seguida, e depois, entao, seguido de, a seguir",
        "last": "finalmente, no final, por fim, para terminar, termina com, e no final, e por"
        " fim, no fim",
    },
)
# These are joins only where a clause begins: "a second dog", "last night".
ONLY_AT_START = one_of(
    "first second third fourth last next later prima dopo apres erst spater meanwhile suddenly"
    " finally primero primeiro quindi darauf entao entonces start end close open"
)
NOT_AFTER = one_of(
    "to of one two day days time night week year years second seconds minute s and ever name half"
    " frame aid hand love snow light kiss date person thing letter part look floor"
)
SHOT_OF: Phrases[bool] = Phrases(
    en={
        True: "shot of, shots of, close-up of, close up of, closeup of, close-ups of, closeups"
        " of, wide shot of, wide of, medium shot of, aerial shot of, aerial of, drone"
        " shot of, drone shot over, establishing shot of, pan over, pan across, tracking"
        " shot of, macro of, macro shot of, overhead shot of, extreme close-up of,"
        " extreme close up of, extreme closeup of, long shot of, detail of, detail shot"
        " of, detail shots of, insert of, top shot of, over-the-shoulder of, low angle"
        " of, low-angle shot of, high angle of, pov of, slow motion of, slow-motion shot"
        " of, view of, macro close-up of, beauty shot of, hero shot of, product shot of,"
        " action shot of, tight shot of, cu of, an aerial of, time-lapse of, timelapse"
        " of, top-down shot of, full shot of, two shot of, zoom on, zoom in on, glimpse"
        " of, wide angle of, wide-angle shot of, packshot of, group shot of"
    },
    de={
        True: "nahaufnahme von, nahaufnahme, totale von, totale, detailaufnahme, luftaufnahme,"
        " grossaufnahme, aufnahme von, halbtotale, drohnenflug uber, nahaufnahme eines,"
        " nahaufnahme einer"
    },
    fr={
        True: "gros plan sur, gros plan de, plan large de, plan large sur, vue de, vue aerienne"
        " de, plan sur, plan de, plan moyen de, travelling sur, detail de, gros plan d"
    },
    es={
        True: "primer plano de, plano general de, plano de, toma de, vista aerea de, detalle de,"
        " plano detalle de"
    },
    it={
        True: "primo piano di, primo piano su, campo lungo di, inquadratura di, vista aerea di,"
        " dettaglio di, primo piano del, primo piano della, ripresa di"
    },
    pt={
        True: "close de, close em, plano geral de, plano de, tomada de, vista aerea de, detalhe"
        " de, close do, close da, primeiro plano de, tomada aerea de"
    },
)
TITLES: Phrases[bool] = Phrases(
    any={
        True: "title card, title cards, end card, endcard, titlecard, title-card, end title,"
        " opening title, closing title, intertitle, credits card, text card, logo card,"
        " end slate, title screen, end screen, titles, title slide, closing card, opening"
        " card, intro card, outro card, final card, text slide, end titles, call to"
        " action card, cta card, title on black, text on black, title over black, logo on"
        " black, title on white, text on white, title in white, title on a black"
        " background, white title on black, black title card, black screen with text,"
        " black screen with title, credits, end credits, closing credits, opening credits"
    },
    de={
        True: "titelkarte, titel, abspann, texttafel, titeltafel, schlusstafel, schlusstitel,"
        " vorspann, titelbild, endkarte"
    },
    fr={
        True: "carton, carton titre, ecran titre, titre, generique, carton de fin, carton de"
        " titre, carton final"
    },
    es={
        True: "cartel, titulo, cartela, creditos, rotulo, titulo inicial, titulo final, cartel"
        " final"
    },
    it={True: "titolo, cartello, titoli, titoli di coda, cartello finale, schermata del titolo"},
    pt={True: "titulo, cartela, cartao de titulo, creditos, letreiro, tela de titulo"},
)
