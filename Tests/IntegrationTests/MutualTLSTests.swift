import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// A whole run with a server that is reached by TLS, and asks the host for a certificate of its own.
    @Suite(.timeLimit(.minutes(2))) struct MutualTLSTests {
        /// `server` and `host`, each signed by itself, with their keys.
        private static func certify(_ scene: Scene) async throws {
            for name in ["server", "host"] {
                let words = [
                    "openssl", "req", "-x509", "-batch", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(name)-key.pem",
                    "-out", "\(name).pem",
                ]
                let outcome = try await Program.start(words, in: scene.path).outcome()
                #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            }
        }

        private static func freePort(_ scene: Scene) async throws -> String {
            let script = """
                import socket
                with socket.socket() as free:
                    free.bind(("127.0.0.1", 0))
                    print(free.getsockname()[1])
                """
            let program = try await Program.start([Place.python, "-c", script], in: scene.path)
            return try #require(try await program.outcome().output.first)
        }

        /// - Parameter own: Of the host, in the configuration's words.
        private static func scene(_ own: String) async throws -> Scene {
            let scene = try Scene()
            try await certify(scene)
            let port = try await freePort(scene)
            var configuration = SceneConfiguration()
            configuration.strategies = [
                "{ name: far, kind: server, quantity: 10, start_within: 20s,"
                    + " launch: [\(Place.python), \(Place.servers)/teller.py, --tls-cert, server.pem,"
                    + " --tls-key, server-key.pem, --tls-client-ca, host.pem],"
                    + " address: \"127.0.0.1:\(port)\", tls: { ca: server.pem\(own) } }"
            ]
            try scene.folder.write(configuration.text, as: "madang.yaml")
            try scene.folder.write(SampleTicks(count: 100).csv, as: "ticks.csv")
            return scene
        }

        @Test func aHostWithItsCertificateIsLetIn() async throws {
            let scene = try await Self.scene(", certificate: host.pem, key: host-key.pem")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.output.suffix(3)) \(outcome.errorText)")
            #expect(try outcome.summary().source("far").results == 100)
        }

        @Test func aHostWithoutOneIsNot() async throws {
            let scene = try await Self.scene("")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(7), "\(outcome.errorText)")
        }
    }
}
