import Foundation
import Glibc
import Platform
import StrategyServers

/// `madang`: strategies meet brokers.
@main
struct Main {
    static let usage = """
        madang \(Version.text): a host for trading strategies

          madang run [-c FILE] [--fresh] [--json] [--quiet] [--summary FILE]
                                        run strategies on the feeds of a configuration
          madang config check|show [-c FILE] [--json]
                                        check a configuration, or show what is in force
          madang strategy list [--json] built-in strategies and their parameters
          madang ledger [-c FILE] [--run ID] [--json]
                                        fills as booked, of the latest run
          madang version [--json]

        Every command: --help. The configuration is madang.yaml unless -c names another.
        Exit codes: 0 good, 1 refused, 2 usage, 3 configuration, 5 store, 6 stopped, 7 strategy server, 8 feed.
        """

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        var words = Array(CommandLine.arguments.dropFirst())
        let command = words.isEmpty ? "--help" : words.removeFirst()
        do {
            let code = try await run(command, words)
            StandardOutput.flush()
            exit(code)
        } catch let error as RunError {
            fail("\(error)", error.code.rawValue)
        } catch let error as ConfigurationError {
            fail("\(error)", RunError.Code.configuration.rawValue)
        } catch {
            fail("\(error)", RunError.Code.refused.rawValue)
        }
    }

    private static func fail(_ text: String, _ code: Int32) -> Never {
        StandardOutput.flush()
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(code)
    }

    private static func run(_ command: String, _ words: [String]) async throws -> Int32 {
        switch command {
        case "run": return try await RunCommand.run(words)
        case "config": return try ConfigCommand.run(words)
        case "strategy": return try StrategyCommand.run(words)
        case "ledger": return try LedgerCommand.run(words)
        case "version", "--version":
            let json = words.contains("--json")
            StandardOutput.write(
                line: json ? "{\"name\":\"madang\",\"version\":\"\(Version.text)\"}" : "madang \(Version.text)")
            return 0
        case "help", "--help", "-h":
            StandardOutput.write(line: usage)
            return 0
        default:
            let known = ["run", "config", "strategy", "ledger", "version", "help"]
            let nearest = nearest(to: command, in: known).map { "   did you mean '\($0)'?" } ?? ""
            throw RunError(.usage, "madang: there is no command '\(command)'\(nearest)\n\n\(usage)")
        }
    }
}
