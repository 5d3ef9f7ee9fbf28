"""Speaks with the made-up Graph API through pywa, a client of the real one, and tells on standard output what it saw.

Standard input is one JSON object: `url`, `number`, `token`, `secret`, `customer`, and either `send` (true) or `webhooks`,
a list of `{body, signature}`.
"""

import json
import logging
import sys

import httpx
from pywa import WhatsApp, types


class Here(httpx.HTTPTransport):
    """Takes every request to the address of the made-up provider; the rest of the request stays as the client made it."""

    def __init__(self, url: str):
        super().__init__()
        self.here = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme=self.here.scheme, host=self.here.host, port=self.here.port)
        return super().handle_request(request)


def send(wa: WhatsApp, asked: dict) -> dict:
    to = asked["customer"]
    sent = {}
    first = wa.send_message(to=to, text="Bom dia")
    sent["text"] = first.id
    sent["answer"] = wa.send_message(to=to, text="Já vamos", reply_to_message_id=first.id).id
    picture = wa.upload_media(media=bytes.fromhex(asked["picture"]), mime_type="image/png", filename="mapa.png")
    sent["image"] = wa.send_image(to=to, image=picture, caption="O ponto de encontro").id
    sent["location"] = wa.send_location(to=to, latitude=38.7223, longitude=-9.1393, name="Base", address="Rua Um").id
    sent["contacts"] = wa.send_contact(
        to=to,
        contact=types.Contact(name=types.Contact.Name(formatted_name="Rui Reboque", first_name="Rui"),
                              phones=[types.Contact.Phone(phone="+15550100200", type="WORK")]),
    ).id
    buttons = [types.Button(title="Sim", callback_data="yes"), types.Button(title="Não", callback_data="no")]
    sent["interactive"] = wa.send_message(to=to, text="Vem já?", buttons=buttons).id
    sent["reaction"] = wa.send_reaction(to=to, emoji="👍", message_id=asked["theirs"]).id
    read = wa.mark_message_as_read(asked["theirs"])
    refused = None
    try:
        wa.send_message(to=to, text="x" * 4097)
    except Exception as error:  # noqa: BLE001
        refused = getattr(error, "code", None) or type(error).__name__
    return {"sent": sent, "read": bool(read), "refused": refused}


def receive(wa: WhatsApp, asked: dict) -> dict:
    seen = []

    @wa.on_message
    def message(_: WhatsApp, told: types.Message) -> None:
        seen.append({"type": told.type.value, "text": told.text or told.caption, "id": told.id,
                     "quoted": told.reply_to_message.message_id if told.reply_to_message else None,
                     "latitude": told.location.latitude if told.location else None,
                     "mime": told.media.mime_type if told.media else None})

    @wa.on_callback_button
    def button(_: WhatsApp, told: types.CallbackButton) -> None:
        seen.append({"type": "button", "text": told.title, "id": told.id, "choice": told.data})

    @wa.on_message_status
    def status(_: WhatsApp, told: types.MessageStatus) -> None:
        seen.append({"type": "status", "text": told.status.value, "id": told.id})

    answers = []
    for hook in asked["webhooks"]:
        body = hook["body"].encode()
        refused = wa.webhook_update_validator(body, hook["signature"])
        answers.append(refused[1] if refused else 200)
        if not refused:
            wa.webhook_update_handler(body)
    forged = wa.webhook_update_validator(asked["webhooks"][0]["body"].encode(), "sha256=" + "0" * 64)
    return {"answers": answers, "forged": forged[1] if forged else 200, "seen": seen}


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    asked = json.load(sys.stdin)
    wa = WhatsApp(phone_id=asked["number"], token=asked["token"], app_secret=asked["secret"], verify_token="verify",
                  server=None, session=httpx.Client(transport=Here(asked["url"])), filter_updates=False)
    json.dump(send(wa, asked) if asked.get("send") else receive(wa, asked), sys.stdout)


main()
