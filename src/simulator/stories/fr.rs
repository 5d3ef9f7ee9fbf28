//! French.

use super::{
    Side::{Customer, Desk},
    Story, Trade, Words,
};

pub(super) const WORDS: Words = Words {
    names: &[
        "Amélie", "Baptiste", "Chloé", "Damien", "Élodie", "Fabien", "Garance", "Hugo", "Inès", "Julien", "Léa", "Mathis",
        "Noémie", "Quentin", "Sylvie",
    ],
    surnames: &["Aubert", "Blanchet", "Carpentier", "Delorme", "Fontanel", "Garnier", "Lambert", "Marchand", "Perrin", "Vasseur"],
    places: &[
        "sur l'A7 sortie 12",
        "devant la gare",
        "rue des Tilleuls",
        "au péage de Montval",
        "sur le parking du marché",
        "à l'entrée du tunnel",
        "au rond-point des Écoles",
        "sur la D31 direction Saint-Aubin",
    ],
    cars: &["une citadine grise", "un utilitaire blanc", "une berline noire", "un SUV bleu", "une moto"],
    doctors: &["Dr Leroux", "Dr Morel", "Dr Chastain"],
};

pub(super) const STORIES: &[Story] = &[
    Story {
        trade: Trade::Roadside,
        turns: &[
            (
                Customer,
                &[
                    "Bonjour, je suis en panne {place}",
                    "Bonsoir, ma voiture ne démarre plus",
                    "Bonjour, la batterie est à plat 😕",
                ],
            ),
            (Customer, &["C'est {car}, immatriculée {plate}", "{car}, {plate}, je suis {place}"]),
            (Desk, &["Bonjour, {agent} à votre écoute. Êtes-vous en sécurité ?", "Bonjour ! Le tableau de bord s'allume-t-il ?"]),
            (Customer, &["Oui, derrière la glissière", "Oui mais ça fait juste clic", "Non, plus rien du tout"]),
            (
                Desk,
                &[
                    "Un dépanneur arrive dans {minutes} min, {price} € sur place.",
                    "J'envoie quelqu'un : {minutes} minutes, forfait {price} €.",
                ],
            ),
            (Customer, &["Parfait, merci", "D'accord, je vous attends", "Mon assurance prend en charge ?"]),
            (
                Desk,
                &[
                    "C'est noté, dossier {order}. Gardez vos feux de détresse.",
                    "Dossier {order}. Envoyez-moi votre numéro d'assuré si besoin.",
                ],
            ),
            (Customer, &["Il est arrivé, merci beaucoup !", "C'est reparti, merci 👍"]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Bonjour, pneu crevé {place}", "J'ai éclaté un pneu et pas de roue de secours"]),
            (
                Desk,
                &["Bonjour, {agent}. Quel véhicule, et êtes-vous à l'abri ?", "Bonjour, la dimension du pneu s'il vous plaît ?"],
            ),
            (Customer, &["{car}, {plate}. Oui je suis à l'abri", "205/55 R16 je crois, {car}"]),
            (
                Desk,
                &[
                    "Nous remorquons jusqu'au garage : {price} €, {minutes} min.",
                    "On passe vous prendre dans {minutes} minutes, {price} €.",
                ],
            ),
            (Customer, &["Ça marche", "D'accord, merci", "C'est un peu cher mais ok"]),
            (Desk, &["Parti ! Dossier {order}.", "Le camion est en route, dossier {order}."]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Combien pour un remorquage de {place} ?", "Bonjour, faites-vous le transport de motos ?"]),
            (Desk, &["Bonjour, comptez {price} € TTC pour ce trajet.", "Bonjour, {agent}. Oui, à partir de {price} €."]),
            (Customer, &["Merci, je vous rappelle", "Demain à {hour} c'est possible ?"]),
            (Desk, &["Avec plaisir.", "C'est réservé pour {hour}, vous recevrez un rappel."]),
        ],
    },
    Story {
        trade: Trade::Clinic,
        turns: &[
            (
                Customer,
                &["Bonjour, un rendez-vous avec le {doctor} cette semaine ?", "Bonjour, je voudrais déplacer mon rendez-vous"],
            ),
            (Desk, &["Bonjour, {agent} du secrétariat. Jeudi à {hour} ?", "Je peux vous proposer vendredi à {hour}."]),
            (Customer, &["Parfait merci", "C'est noté", "Plutôt le matin si possible"]),
            (Desk, &["C'est confirmé. Pensez à votre carte et à l'ordonnance.", "Confirmé à {hour}, bonne journée."]),
        ],
    },
];
