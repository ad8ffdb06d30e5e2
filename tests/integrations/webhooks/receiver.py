"""Another program that is told: a real server on this machine, which keeps what it was sent and checks signatures."""

from tests.integrations.standins.server import Reply, StandIn


class Receiver(StandIn):
    """Answers 200 unless `answers` says otherwise, in turn."""

    def __init__(self):
        super().__init__()
        self.heard = []
        self.answers = []

    def handle(self, method, path, query, headers, body):
        self.heard.append(({name.lower(): value for name, value in headers.items()}, body))
        return self.answers.pop(0) if self.answers else Reply(200, {"ok": True})
