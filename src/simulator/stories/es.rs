//! Spanish.

use super::{
    Side::{Customer, Desk},
    Story, Trade, Words,
};

pub(super) const WORDS: Words = Words {
    names: &[
        "Alejandra",
        "Benjamín",
        "Carolina",
        "Emiliano",
        "Florencia",
        "Gonzalo",
        "Josefina",
        "Leandro",
        "Martina",
        "Nicolás",
        "Pilar",
        "Rodrigo",
        "Sofía",
        "Tomás",
    ],
    surnames: &["Acevedo", "Benítez", "Cáceres", "Domínguez", "Echeverría", "Ibáñez", "Maldonado", "Núñez", "Quiroga", "Zárate"],
    places: &[
        "en la ruta 9 km 47",
        "en la bajada de la playa",
        "en la estación de servicio del puerto",
        "en la avenida Costanera",
        "en el peaje norte",
        "frente a la terminal",
    ],
    cars: &["un auto gris", "una camioneta blanca", "un sedán negro", "una moto roja", "un utilitario"],
    doctors: &["Dra. Salinas", "Dr. Ocampo", "Dra. Ferreyra"],
};

pub(super) const STORIES: &[Story] = &[
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Hola, se me paró el auto {place}", "Buenas, necesito una grúa", "Hola, no me arranca el coche 😟"]),
            (Customer, &["Es {car}, patente {plate}", "{car}, {plate}. Estoy {place}"]),
            (Desk, &["Hola, soy {agent}. ¿Está en un lugar seguro?", "¡Hola! ¿Se encienden las luces del tablero?"]),
            (Customer, &["Sí, en la banquina", "Se encienden y se apagan", "Nada, muerto"]),
            (Desk, &["La asistencia llega en {minutes} min, son {price}.", "Enviamos la grúa: {minutes} minutos, {price}."]),
            (Customer, &["Dale, gracias", "Perfecto, espero", "¿Aceptan tarjeta?"]),
            (Desk, &["Listo, orden {order}. Deje las balizas puestas.", "Sí, tarjeta también. Orden {order}."]),
            (Customer, &["Ya llegó, ¡muchas gracias!", "Solucionado, excelente servicio 👏"]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Pinché una rueda {place}", "Dejé las llaves adentro del auto"]),
            (Desk, &["Hola, {agent}. ¿Qué vehículo es?", "¡Hola! ¿Patente y modelo, por favor?"]),
            (Customer, &["{car}, {plate}", "Es {car}, patente {plate}"]),
            (Desk, &["En {minutes} minutos, {price}. ¿Confirmo?", "Va el técnico: {minutes} min, {price}."]),
            (Customer, &["Sí, por favor", "Confirmado", "Un poco caro, pero bueno"]),
            (Desk, &["En camino, orden {order}.", "Hecho. Orden {order}."]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["¿Cuánto sale un traslado hasta {other}?", "¿Me reenvían la factura de la orden {order}?"]),
            (Desk, &["Hola, son {price} con seguro incluido.", "Claro, ¿a qué correo?"]),
            (Customer, &["Gracias, lo pienso", "A viajes@example.com"]),
            (Desk, &["A las órdenes.", "Enviada recién."]),
        ],
    },
    Story {
        trade: Trade::Clinic,
        turns: &[
            (Customer, &["Hola, ¿hay turno con la {doctor} esta semana?", "Necesito cambiar mi turno"]),
            (Desk, &["Buen día, {agent} de recepción. ¿Jueves a las {hour}?", "Tenemos viernes a las {hour}."]),
            (Customer, &["Perfecto, gracias", "Me sirve"]),
            (Desk, &["Confirmado. Traiga el carnet, por favor.", "Queda a las {hour}."]),
        ],
    },
];
