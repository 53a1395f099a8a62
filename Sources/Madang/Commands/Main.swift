import Foundation
import Glibc
import Platform
import StrategyServers
import Vault

/// `madang`: strategies meet brokers.
@main
struct Main {
    static func main() {
        CrashReport.hideMemory()
        OpenSSLLibrary.outlastExit()
        let stopper = Stopper()
        Signals.listen { stopper.take($0) }
        Task.detached { await work(stopper) }
        // Not an async main: that leaves this thread to libdispatch, which opens it to signals again.
        while true { pause() }
    }

    private nonisolated static func work(_ stopper: Stopper) async -> Never {
        do {
            var words = Array(CommandLine.arguments.dropFirst())
            if words == ["--version"] { words = ["version"] }
            let command = try CommandLineShape.root.parse(words.isEmpty ? ["--help"] : words)
            let code = try await answer(command, stopper)
            StandardOutput.flush()
            stopper.settle()
            exit(code.rawValue)
        } catch let error as RunError {
            fail("\(error)", error.code, stopper)
        } catch let error as ConfigurationError {
            fail("\(error)", .configuration, stopper)
        } catch let error as UsageError {
            fail("\(error)", .usage, stopper)
        } catch {
            fail("\(error)", .refused, stopper)
        }
    }

    private static func fail(_ text: String, _ code: ExitCode, _ stopper: Stopper) -> Never {
        StandardOutput.flush()
        FileHandle.standardError.write(Data((printable(text) + "\n").utf8))
        stopper.settle()
        exit(code.rawValue)
    }

    private static func answer(_ command: CommandInvocation, _ stopper: Stopper) async throws
        -> ExitCode
    {
        if let help = command.help {
            StandardOutput.write(line: help)
            return .good
        }
        switch command.path {
        case ["run"]: return try await RunCommand.run(command, stopper)
        case ["backtest"]: return try await BacktestCommand.run(command, stopper)
        case ["config", "check"]: try ConfigCommand.check(command)
        case ["config", "show"]: try ConfigCommand.show(command)
        case ["strategy", "list"]: StrategyCommand.list(command)
        case ["strategy", "check"]: return try await CheckCommand.run(command, stopper)
        case ["strategy", "lookahead"]: return try await LookaheadCommand.run(command, stopper)
        case ["strategy", "running"]: return try ChangeCommand.running(command)
        case ["strategy", "load"]: return try ChangeCommand.load(command)
        case ["strategy", "set"]: return try ChangeCommand.set(command)
        case ["strategy", "unload"]: return try ChangeCommand.unload(command)
        case ["rules", "reload"]: return try ChangeCommand.reload(command)
        case ["risk", "show"]: return try ChangeCommand.limits(command)
        case ["risk", "set"]: return try ChangeCommand.limit(command)
        case ["strategy", "release"]: return try ReleaseCommand.run(command)
        case ["strategy", "compare"]: try VersionCommand.compare(command)
        case ["strategy", "deploy"]: return try VersionCommand.deploy(command)
        case ["strategy", "promote"]: return try VersionCommand.promote(command)
        case ["strategy", "rollback"]: return try VersionCommand.rollBack(command)
        case ["strategy", "versions"]: try VersionCommand.versions(command)
        case ["indicators"]: try IndicatorsCommand.run(command)
        case ["doctor"]: return try await DoctorCommand.run(command, stopper)
        case ["why"]: try WhyCommand.run(command)
        case ["orders"]: try OrdersCommand.run(command)
        case ["order", "list"]: try OrderCommand.list(command)
        case ["order", "resolve"]: return try OrderCommand.resolve(command)
        case ["order", "cancel"]: return try OrderCommand.cancel(command)
        case ["order", "modify"]: return try OrderCommand.modify(command)
        case ["account", "release"]: return try OrderCommand.release(command)
        case ["positions"]: try PositionsCommand.run(command)
        case ["positions", "correct"]: return try OrderCommand.correct(command)
        case ["ledger"]: try LedgerCommand.run(command)
        case ["ledger", "verify"]: return try LedgerVerification.run(command)
        case ["ledger", "export"]: try LedgerExport.run(command)
        case ["log", "verify"]: return try LogCommand.verify(command)
        case ["log", "replay"]: return try LogReplay.run(command)
        case ["log", "show"]: try LogCommand.show(command)
        case ["store", "check"]: return try StoreCommand.check(command)
        case ["store", "rebuild"]: return try StoreCommand.rebuild(command)
        case ["store", "bars"]: try BarExport.run(command)
        case ["store", "backup"]: try StoreCommand.backup(command)
        case ["store", "restore"]: try StoreCommand.restore(command)
        case ["kill"]: return try KillCommand.run(command)
        case let path where path.first == "exits": return try ExitsCommand.run(command)
        case ["sim"]: return try SimCommand.run(command, stopper)
        default:
            let text = "madang \(Version.text)"
            let json = "{\"name\":\"madang\",\"version\":\"\(Version.text)\"}"
            StandardOutput.write(line: command.has(CommandLineShape.json) ? json : text)
        }
        return .good
    }
}
