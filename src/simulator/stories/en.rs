//! English.

use super::{
    Side::{Customer, Desk},
    Story, Trade, Words,
};

pub(super) const WORDS: Words = Words {
    names: &[
        "Alice",
        "Ben",
        "Charlotte",
        "Daniel",
        "Emily",
        "Finn",
        "Grace",
        "Harry",
        "Isla",
        "Jack",
        "Lucy",
        "Oliver",
        "Priya",
        "Sam",
        "Zoe",
    ],
    surnames: &["Ashdown", "Barlow", "Chadwick", "Dunmore", "Fairley", "Hollis", "Kingsley", "Mercer", "Redfern", "Whitlock"],
    places: &[
        "on the coast road, km 18",
        "at the airport car park",
        "on Harbour Street",
        "outside the ferry terminal",
        "on the ring road, northbound",
        "at the petrol station by the bridge",
    ],
    cars: &["a silver hatchback", "a white rental van", "a black estate", "a blue camper", "a red motorbike"],
    doctors: &["Dr Hale", "Dr Okafor", "Dr Lindqvist"],
};

pub(super) const STORIES: &[Story] = &[
    Story {
        trade: Trade::Roadside,
        turns: &[
            (
                Customer,
                &[
                    "Hi, our rental broke down {place}",
                    "Hello, car won't start, just clicking",
                    "Hi there, flat battery I think 😬",
                ],
            ),
            (Customer, &["It's {car}, plate {plate}", "{car}, {plate}. We're {place}"]),
            (Desk, &["Hello, {agent} here. Are you somewhere safe?", "Hi! Do the dashboard lights come on?"]),
            (Customer, &["Yes, behind the barrier", "Very dim, then nothing", "Yes, all fine, just stuck"]),
            (
                Desk,
                &[
                    "A technician will be with you in {minutes} min, {price} on site.",
                    "Help is on its way: {minutes} minutes, {price}.",
                ],
            ),
            (Customer, &["Great, thank you", "Brilliant, we'll wait", "Do you take cards?"]),
            (Desk, &["Noted, job {order}. Please keep the hazards on.", "Yes, cards are fine. Job {order}."]),
            (Customer, &["He's here, thanks so much!", "All sorted, cheers 👍"]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["Locked my keys in the car, {place}", "Puncture {place} and no spare"]),
            (Desk, &["Hi, {agent} here. What are you driving?", "Hello! Plate and model please?"]),
            (Customer, &["{car}, {plate}", "It's {car}. Plate {plate}"]),
            (Desk, &["{minutes} minutes, {price}. Shall I send someone?", "We can be there in {minutes} min for {price}."]),
            (Customer, &["Yes please", "Go ahead", "Bit steep, but yes"]),
            (Desk, &["On the way, job {order}.", "Done. Job {order}, you'll get a call on arrival."]),
        ],
    },
    Story {
        trade: Trade::Roadside,
        turns: &[
            (Customer, &["How much is a tow to {other}?", "Could you resend the invoice for job {order}?"]),
            (Desk, &["Hello! That would be {price}, insurance included.", "Of course, which e-mail should it go to?"]),
            (Customer, &["Thanks, I'll let you know", "To travel@example.com please"]),
            (Desk, &["Any time.", "Sent just now."]),
        ],
    },
    Story {
        trade: Trade::Clinic,
        turns: &[
            (Customer, &["Hi, can I see {doctor} this week?", "I need to move my appointment"]),
            (Desk, &["Good morning, {agent} at reception. Thursday at {hour}?", "We have Friday at {hour}."]),
            (Customer, &["Perfect, thanks", "That works"]),
            (Desk, &["Booked. Please bring your insurance card.", "Confirmed for {hour}."]),
        ],
    },
];
