import Foundation
import Glibc
import Platform
import TestKit
import Testing

extension TellingTests {
    /// Every secret that a configuration can bring, and everything that is written: the two never meet.
    @Suite struct CanaryTests {
        /// What brings the secrets, and so may hold them.
        private static let secrets = ["token.txt", "bearer.txt", "key.pem"]

        private static func configuration(speed: String = "max") -> SceneConfiguration {
            var configuration = SceneConfiguration.full()
            configuration.speed = speed
            let teller = "\(Place.servers)/teller.py"
            configuration.strategies[1...] = [
                "{ name: teller, kind: server, quantity: 10, token: \"${file:bearer.txt}\","
                    + " launch: [\(Place.python), \(teller), --token-file, bearer.txt],"
                    + " environment: { API_KEY: \"${API_KEY}\" } }"
            ]
            configuration.rules.append(
                "{ name: tick, when: \"price > 1\", on: ticks, every: always }")
            configuration.more += [
                "channels:",
                "  phone: { kind: telegram, token: \"${CHAT_TOKEN}\", chat: \"42\","
                    + " url: \"${CHAT_URL}\" }",
                "  filed: { kind: telegram, token: \"${file:token.txt}\", chat: \"42\","
                    + " url: \"${CHAT_URL}\", language: ko }",
                "  room: { kind: discord, webhook: \"${WEBHOOK}\" }",
            ]
            return configuration
        }

        private static func scene(
            _ configuration: SceneConfiguration, ticks: Int = 300
        ) throws -> Scene {
            let scene = try Scene(configuration, ticks: SampleTicks(count: ticks))
            for (name, text) in [
                ("token.txt", "123456:" + Canaries.file.text),
                ("bearer.txt", Canaries.server.text),
                ("key.pem", pem("PRIVATE KEY", Canaries.key.text)),
                ("cert.pem", pem("CERTIFICATE", "AAAA")),
            ] {
                try scene.folder.write(text + "\n", as: name)
                chmod(scene.path + "/" + name, 0o600)
            }
            return scene
        }

        private static func pem(_ kind: String, _ body: String) -> String {
            "-----BEGIN \(kind)-----\n\(body)\n-----END \(kind)-----"
        }

        private static func environment(_ base: String) -> [String: String] {
            [
                "CHAT_TOKEN": "123456:" + Canaries.environment.text, "CHAT_URL": base,
                "WEBHOOK": base + "/api/v10/webhooks/123/" + Canaries.webhook.text,
                "API_KEY": Canaries.handedOn.text,
            ]
        }

        // MARK: Runs

        /// The channels fail in every way that is told, one way at a time; then everything is asked that can be.
        @Test(arguments: [
            "none", "401", "404:echo", "400:echo", "429:echo", "502:html", "garbage", "gone", "tls",
        ])
        func nothingOfARunHoldsASecret(_ trouble: String) async throws {
            let chat = try await ChatService()
            var base = chat.base
            switch trouble {
            case "gone": base = "http://127.0.0.1:9"
            case "tls": base = chat.base.replacing("http:", with: "https:")
            case "none": try await chat.set("{\"token\": \"123456:\(Canaries.environment.text)\"}")
            default:
                try await chat.set(
                    "{\"token\": \"123456:\(Canaries.environment.text)\","
                        + " \"always\": \"\(trouble)\"}")
            }
            let scene = try Self.scene(Self.configuration())
            let environment = Self.environment(base)
            let form = ["none", "404:echo", "gone"].contains(trouble) ? "--plain" : "--json"
            let run = try await scene.madang("run", form, environment: environment)
            #expect(run.exit == .code(0), "\(run.errorText)")
            try Canaries.expectNone("run \(form), \(trouble)", in: scene, run, but: Self.secrets)
            if trouble == "none" {
                #expect(try await chat.seen().texts.isEmpty == false)
            } else {
                let told = (run.output + run.errors).joined(separator: "\n")
                #expect(told.contains("channel phone"), "the trouble is told")
            }
            for words in trouble == "none" ? Self.questions : [["doctor"], ["why", "1", "--json"]] {
                let answer = try await scene.madang(words, environment: environment)
                #expect([.code(0), .code(1)].contains(answer.exit), "\(words) \(answer.errorText)")
                #expect(!answer.output.isEmpty || !answer.errors.isEmpty)
                try Canaries.expectNone("\(words)", in: scene, answer, but: Self.secrets)
            }
        }

        private static let questions = [
            ["config", "check"], ["config", "show"], ["config", "show", "--json"], ["doctor"],
            ["doctor", "--json"], ["why", "1"], ["why", "1", "--json"], ["orders", "--json"],
            ["positions"], ["ledger"], ["ledger", "--json"],
            ["kill", "--reason", "test", "--json"],
        ]

        /// What the system shows of processes to others of the same user.
        @Test func noProcessIsStartedWithASecretThatIsNotItsOwn() async throws {
            let chat = try await ChatService()
            let scene = try Self.scene(Self.configuration(speed: "1x"))
            let host = try await scene.start(
                "run", "--json", environment: Self.environment(chat.base))
            _ = try await host.line("a result") { $0.contains("teller BUY") }
            Canaries.expectNone("the host", in: Processes.read(host.id, "cmdline"))
            let children = Processes.children(of: host.id)
            #expect(children.count >= 2, "the server and its warden")
            for child in children {
                let command = Processes.read(child, "cmdline")
                let isServer = command.contains("teller.py")
                Canaries.expectNone("command", in: command)
                let environment = Processes.read(child, "environ")
                #expect(!environment.isEmpty)
                Canaries.expectNone(
                    command, in: environment, but: isServer ? [Canaries.handedOn] : [])
                if isServer { #expect(environment.contains(Canaries.handedOn.text)) }
            }
            host.send(signal: SIGTERM)
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(6))
            try Canaries.expectNone("stopped", in: scene, outcome, but: Self.secrets)
        }

        /// A server that lets nobody in, and one whose key is no key.
        @Test(arguments: ["token", "key"])
        func aServerThatCannotBeReachedIsToldWithoutSecrets(_ what: String) async throws {
            var configuration = Self.configuration()
            configuration.more.append("run: { patience: 2s }")
            if what == "token" {
                configuration.strategies[1] = configuration.strategies[1].replacing(
                    "--token-file, bearer.txt", with: "--token-file, other.txt")
            } else {
                configuration.strategies[1] =
                    "{ name: far, kind: server, quantity: 1, address: \"127.0.0.1:9\","
                    + " token: \"${file:bearer.txt}\", start_within: 2s,"
                    + " tls: { ca: cert.pem, certificate: cert.pem, key: key.pem } }"
            }
            let scene = try Self.scene(configuration)
            try scene.folder.write("another\n", as: "other.txt")
            let environment = Self.environment("http://127.0.0.1:9")
            for words in [
                ["run", "--json"], ["run", "--plain"], ["doctor"], ["doctor", "--json"],
            ] {
                let outcome = try await scene.madang(words, environment: environment)
                #expect(outcome.exit != .code(0), "\(words)")
                try Canaries.expectNone("\(what) \(words)", in: scene, outcome, but: Self.secrets)
            }
        }

        // MARK: Configurations

        /// A secret that was written into the file after all, or beside the place where it belongs.
        @Test(arguments: [
            "kind: telegram, tokem: \"SECRET\", chat: \"42\"",
            "kind: telegram, token: \"SECRET\", chat: \"42\", webhook: \"SECRET\"",
            "kind: telegram, token: [\"SECRET\"], chat: \"42\"",
            "kind: telegram, token: { text: \"SECRET\" }, chat: \"42\"",
            "kind: telegram, token: \"no token: SECRET\", chat: \"42\"",
            "kind: telegram, token: \"SECRET\", token: \"SECRET\", chat: \"42\"",
            "kind: telgram, token: \"SECRET\", chat: \"42\"",
            "kind: telegram, token: &a \"SECRET\", chat: \"42\"",
            "kind: telegram, token: !!binary \"SECRET\", chat: \"42\"",
            "kind: telegram, token: \"SECRET, chat: \"42\"",
            "kind: telegram, token: \"SECRET\", chat: \"42",
            "kind: telegram, token: \"SECRET\\x\", chat: \"42\"",
            "kind: telegram, token: \"${SECRET}\", chat: \"42\"",
            "kind: telegram, token: \"${SECRET\", chat: \"42\"",
            "kind: telegram, token: \"$SECRET\", chat: 42",
            "kind: telegram, token: \"SECRET\", chat: \"42\", url: \"${WEBHOOK}x y\"",
            "kind: discord, webhook: \"ftp://127.0.0.1/SECRET\"",
            "kind: discord, webhook: \"https://host/a b/SECRET\"",
            "kind: discord, webhok: \"https://host/SECRET\"",
        ])
        func aBrokenConfigurationIsToldWithoutSecrets(_ channel: String) async throws {
            let text = channel.replacing("SECRET", with: "123456:" + Canaries.literal.text)
            var configuration = SceneConfiguration.plain
            configuration.more += ["channels:", "  phone: { \(text) }"]
            let scene = try Self.scene(configuration)
            let environment = Self.environment("http://127.0.0.1:9")
            let secrets = Self.secrets + ["madang.yaml"]
            for words in [
                ["config", "check"], ["config", "show"], ["doctor"], ["run", "--json"],
            ] {
                let outcome = try await scene.madang(words, environment: environment)
                #expect(outcome.exit == .code(3), "\(words)")
                try Canaries.expectNone("\(words)", in: scene, outcome, but: secrets)
            }
        }

        /// What is written down where it is allowed to be is masked wherever it is shown.
        @Test func aWrittenSecretIsShownNowhere() async throws {
            var configuration = Self.configuration()
            for (index, line) in configuration.more.enumerated() {
                configuration.more[index] = line.replacing(
                    "${CHAT_TOKEN}", with: "123456:" + Canaries.literal.text)
            }
            let scene = try Self.scene(configuration)
            let environment = Self.environment("http://127.0.0.1:9")
            for words in [["run", "--json"]] + Self.questions {
                let outcome = try await scene.madang(words, environment: environment)
                try Canaries.expectNone(
                    "\(words)", in: scene, outcome, but: Self.secrets + ["madang.yaml"])
            }
        }

        /// The search itself: each form of each secret, in the middle of something else.
        @Test(arguments: Canaries.all.map(\.name))
        func theSearchFindsEveryForm(_ name: String) throws {
            let canary = try #require(Canaries.all.first { $0.name == name })
            for shift in 0..<3 {
                let around = String(repeating: "x", count: shift) + canary.text + "tail"
                let base64 = Data(around.utf8).base64EncodedData()
                #expect(Canaries.found(in: base64) == [name])
            }
            let percent = canary.text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            for text in [canary.text, "bot123456%3A" + (percent ?? "")] {
                #expect(Canaries.found(in: Data("/a/\(text)/b".utf8)) == [name])
            }
        }
    }
}
