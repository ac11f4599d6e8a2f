import Testing

/// A fact that makes a process ready, and a program in Python that makes it true when the file `go` appears.
struct ReadinessCase: Sendable, CustomTestStringConvertible {
    let key: String
    let program: String

    var testDescription: String { key }

    static let all = [
        ReadinessCase(
            key: "notify",
            program: """
                path = os.environ["NOTIFY_SOCKET"]
                manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                manager.connect("\\0" + path[1:] if path.startswith("@") else path)
                manager.send(b"STATUS=not yet\\nREADY=0")
                wait()
                manager.send(b"STATUS=serving\\nREADY=1")
                signal.pause()
                """
        ),
        ReadinessCase(
            key: "{ tcp: \"127.0.0.1:PORT\" }",
            program: """
                wait()
                listener = socket.create_server(("127.0.0.1", PORT))
                signal.pause()
                """
        ),
        ReadinessCase(
            key: "{ http: \"http://127.0.0.1:PORT/health?deep=1\" }",
            program: """
                import http.server
                class Answer(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        good = os.path.exists("go") and self.path == "/health?deep=1"
                        self.send_response(204 if good else 503)
                        self.end_headers()
                    do_HEAD = do_GET
                http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Answer).serve_forever()
                """
        ),
        ReadinessCase(
            key: "{ log: \"serving now\" }",
            program: """
                print("not serving", flush=True)
                wait()
                print("12:00 serving now.", flush=True)
                signal.pause()
                """
        ),
    ]

    func key(port: UInt16) -> String {
        key.replacing("PORT", with: "\(port)")
    }

    func program(port: UInt16) -> String {
        "def wait():\n    while not os.path.exists('go'): time.sleep(0.02)\n"
            + program.replacing("PORT", with: "\(port)")
    }
}
