//! The one test binary.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test says what went wrong by panicking")]

mod appliance;
mod architecture;
mod command_line;
mod crash;
mod crash_send;
mod crash_serve;
mod habits;
mod harness;
mod licences;
mod tally;
mod upgrade;
mod words;

mod scenarios {
    mod acts;
    mod attendance;
    mod paired;
    mod schedule;
    mod typing;
    mod app;
    mod channel_figures;
    mod channels;
    mod clients;
    mod contacts;
    mod demo;
    mod conversations;
    mod one_person;
    mod house;
    mod simulator;
    mod http;
    mod http_listener;
    mod http_times;
    mod http_tls;
    mod identity;
    mod idle;
    mod isolation;
    mod media;
    mod logs;
    mod operations;
    mod people;
    mod outgoing;
    mod printed_calls;
    mod firms;
    mod tickets;
    mod waha;
    mod waha_sessions;
    mod doctor;
    mod file_rules;
    mod waha_out;
    mod cloud_requests;
    mod whatsapp_in;
    mod restored;
    mod routing;
    mod realtime;
    mod search;
    mod sending;
    mod settings;
    mod templates;
}
