"""Rhymed lines in French. What the brief names follows `pour` or a comma: `de` would contract."""

from __future__ import annotations

from typing import Final

from compose.writers.lyric_banks.bank import bank_of

FRENCH: Final = bank_of(
    themes={
        "birthday": "anniversaire fete bougies gateau",
        "child": "berceuse bebe enfant fils fille dormir dodo sommeil",
        "farewell": "adieu depart partir perdu manque souvenir absence",
        "love": "amour coeur baiser mariage amoureux cheri cherie ensemble",
        "night": "nuit lune etoile etoiles reve reves minuit",
        "sea": "mer ocean plage vague vagues bateau port ile ete",
        "city": "ville rue rues paris metro neon toits cafe",
        "animal": "chien chat cheval oiseau lapin",
    },
    verses={
        "": """
            J'ai tout écrit sur un bout de papier
            Et je l'ai laissé s'envoler

            Le matin entre sans faire de bruit
            Il reste un peu de lumière de la nuit

            J'ai fermé les yeux, j'ai compté jusqu'à trois
            Et tout ce que je cherche est en moi

            La vieille radio joue encore notre chanson
            Elle fait trois fois le tour de la maison

            Je marche doucement, je prends mon temps
            Je laisse les soucis aux quatre vents

            Un mot suffit, un tout petit rien
            Et je retrouve le bon chemin

            C'est pour {s} que je chante aujourd'hui
            Pour le soleil et pour la pluie

            Et si l'on me demande pourquoi
            {W}, et le reste est pour moi

            Une étincelle dans l'après-midi
            Et d'un seul coup tout recommence ici

            J'ouvre la porte, j'ouvre les volets
            Et tout le ciel se met à danser
        """,
        "birthday": """
            On a soufflé, les bougies ont dansé
            Une autre année vient de commencer

            Fais un vœu, mais ne le dis pas
            Toute la maison chante pour toi
        """,
        "child": """
            La lune veille au bord du lit
            Ferme les yeux, tout est fini

            Les rêves sont de petits bateaux
            Ils glissent doucement sur l'eau
        """,
        "farewell": """
            Ton manteau n'est plus derrière la porte
            Il ne reste que ce que le vent emporte

            On n'a pas dit tout ce qu'on voulait dire
            Mais j'ai gardé l'éclat de ton rire
        """,
        "love": """
            Tu dis mon nom et le monde se tait
            Il n'y a plus rien que je voudrais

            Je ne veux ni diamants ni trésor
            Juste ta main, encore et encore
        """,
        "night": """
            La lune monte sur un fil d'argent
            Et le silence passe lentement

            Les étoiles se penchent pour mieux écouter
            Les mots que je n'ose pas prononcer
        """,
        "sea": """
            La vague arrive et s'en va sans un mot
            Elle écrit nos deux noms au bord de l'eau

            Une voile au loin dans le soir doré
            Emporte tout ce qu'on a rêvé
        """,
        "city": """
            Les rues brillent sous la pluie du soir
            Chaque fenêtre raconte une histoire

            Le dernier métro passe sous nos pas
            La ville tourne et tourne avec moi
        """,
        "animal": """
            Tu connais mon pas dans l'escalier
            Et tu cours déjà pour m'embrasser

            Tu ne demandes jamais rien
            Avec toi tout finit bien
        """,
    },
    choruses="""
        {H}, reste encore un moment
        On a la vie, on a tout le temps
        {H}, chante plus fort que le vent
        Rien n'est plus beau que maintenant

        C'est pour {s} qu'on chante ce soir
        Toutes les lumières dans le noir
        C'est pour {s}, jusqu'au matin
        Tous ensemble, main dans la main
    """,
    themed_choruses={
        "birthday": """
            Joyeux anniversaire, {h}, c'est ton jour
            On chante, on danse, on fait le tour
            Joyeux anniversaire, {h}, souffle bien fort
            Demain on recommence encore
        """,
    },
    sad_choruses="""
        {H}, où t'en vas-tu ce soir
        Je chante encore, je chante dans le noir
        {H}, je garde ta voix
        Elle vit encore tout près de moi
    """,
    bridges="""
        Et si la lumière s'en va
        Je chanterai tout bas
        Et si les mots ne viennent plus
        La musique aura tout su

        Doucement, doucement
        On a encore le temps
        Tout près, tout près
        Rien n'est plus vrai
    """,
    closings="""
        Et quand la dernière note s'éteint
        {H}, ce n'est pas la fin

        La chanson s'en va, la lumière revient
        {H}, tout va bien
    """,
)
