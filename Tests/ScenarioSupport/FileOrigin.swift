import Glibc

/// A real HTTP/1.1 origin: the files of a folder, uploads that are counted, and websockets that echo.
package final class FileOrigin {
    package let port: UInt16
    private let program: ForegroundProgram

    package init(folder: String, serving files: String) throws {
        port = try Ports.reserve()
        try FileText.write(Self.text, to: folder + "/origin.py")
        program = try ForegroundProgram(
            "python3",
            [folder + "/origin.py", "\(port)", files],
            port: port,
            folder: folder
        )
    }

    package func stop() {
        program.stop()
    }

    private static let text = """
        import sys
        from aiohttp import web

        async def upload(request):
            size = 0
            async for piece in request.content.iter_any(): size += len(piece)
            return web.Response(text=f"{request.method} {size}\\n")

        async def echo(request):
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            async for message in socket: await socket.send_str("echo of " + message.data)
            return socket

        application = web.Application()
        application.router.add_route("PUT", "/upload", upload)
        application.router.add_route("POST", "/upload", upload)
        application.router.add_get("/socket", echo)
        application.router.add_static("/", sys.argv[2])
        web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)

        """
}
