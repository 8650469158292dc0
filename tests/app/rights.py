"""One of everything that can be taken back without being destroyed."""

import asyncio
from typing import Any

from fastapi.testclient import TestClient

from app.conftest import SCOPES, key_of, make_voice, say
from yinse.app import administration
from yinse.service.principal import Scope
from yinse.serving.fake import recording
from yinse.settings import Settings


class Rights:
    """An owner with three voices, of which a friend may use two; the friend has two keys, one of them on a phone."""

    def __init__(self, settings: Settings, client: TestClient) -> None:
        scopes = [*SCOPES, Scope.ACCOUNT]
        self.owner, self.friend = key_of(settings, "Owner", scopes), key_of(settings, "Friend", scopes)
        self.friend_id = client.get("/v1/me", headers=self.friend).json()["id"]
        token, self.phone_id = asyncio.run(administration.new_key(settings, self.friend_id, "phone", SCOPES))
        self.phone = {"Authorization": f"Bearer {token}"}
        self.quiet = make_voice(client, self.owner, "quiet")["id"]
        self.lent = make_voice(client, self.owner, "lent")["id"]
        self.trusted = make_voice(client, self.owner, "trusted")["id"]
        for voice in (self.lent, self.trusted):
            self.consent = self._agree(client, voice)
        self.lend(client, self.trusted)
        self.grant = self.lend(client, self.lent)
        kept = client.get(f"/v1/voices/{self.quiet}/recordings", headers=self.owner).json()["items"]
        self.recording = kept[0]["id"]
        self.session = self._sign_in(client)

    def lend(self, client: TestClient, voice: str) -> str:
        """Let the friend use a voice."""
        order = {"grantee_id": self.friend_id}
        return str(self._post(client, f"/v1/voices/{voice}/grants", json=order)["id"])

    def take_back(self, client: TestClient) -> None:
        """Revoke all of it, each by its own route."""
        for path in (f"/v1/grants/{self.grant}", f"/v1/voices/{self.quiet}/recordings/{self.recording}"):
            client.delete(path, headers=self.owner).raise_for_status()
        for path in (f"/v1/consents/{self.consent}/revoke", f"/v1/voices/{self.quiet}/revoke"):
            self._post(client, path)
        client.delete(f"/v1/keys/{self.phone_id}", headers=self.friend).raise_for_status()
        client.delete("/v1/sessions/current", headers=self.session).raise_for_status()

    def held(self, client: TestClient) -> set[str]:
        """What of it still holds."""
        answers = {
            "key": client.get("/v1/me", headers=self.phone),
            "session": client.get("/v1/me", headers=self.session),
            "lent": say(client, self.friend, self.lent),
            "trusted": say(client, self.friend, self.trusted),
            "quiet": say(client, self.owner, self.quiet),
            "recording": client.get(
                f"/v1/voices/{self.quiet}/recordings/{self.recording}/audio", headers=self.owner
            ),
        }
        return {name for name, answer in answers.items() if answer.status_code == 200}

    def _agree(self, client: TestClient, voice: str) -> str:
        order = {"language": "zh", "scopes": ["synthesis", "share"]}
        challenge = self._post(client, "/v1/consents/challenges", json=order)
        said = recording(300, 2, said=challenge["phrase"])
        return str(
            self._post(
                client,
                f"/v1/voices/{voice}/consents",
                params={"challenge_id": challenge["id"]},
                files={"recording": ("consent.wav", said, "audio/wav")},
            )["id"]
        )

    def _sign_in(self, client: TestClient) -> dict[str, str]:
        who = {"email": "owner@example.org", "password": "long enough a password"}
        client.post("/v1/accounts", json={**who, "display_name": "Owner"}).raise_for_status()
        token = client.post("/v1/sessions", json=who).json()["token"]
        client.cookies.clear()
        return {"Authorization": f"Bearer {token}"}

    def _post(self, client: TestClient, path: str, **request: Any) -> dict[str, Any]:
        answer = client.post(path, headers=self.owner, **request).raise_for_status().json()
        assert isinstance(answer, dict)
        return answer
