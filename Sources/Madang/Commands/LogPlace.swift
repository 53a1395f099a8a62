import Foundation
import Host
import Platform
import Ports
import Storage

/// The logs of a configuration's folder, for commands that need no tables.
struct LogPlace {
    let root: String
    let names: RecordNames
    /// Whether the configuration's feeds pass at a pace.
    let isPaced: Bool
    /// Of the first account: what times are shown in, as by every command that shows a run.
    let time: ZonedTime
    private let file: String
    private let wanted: String?

    /// - Throws: ``ConfigurationError``.
    init(_ command: CommandInvocation) throws {
        let (file, loader, configuration) = try ConfigCommand.load(command)
        self.file = wholePath(file)
        root = loader.path(configuration.folder)
        wanted = command.value(of: CommandLineShape.run)
        isPaced = configuration.feeds.contains { $0.speed != nil }
        time = ZonedTime(of: configuration)
        names = RecordNames(
            accounts: configuration.accounts.map(\.name),
            instruments: configuration.instruments.map(\.symbol),
            sources: configuration.strategies.map(\.name) + configuration.rules.map(\.name))
    }

    func log(of run: String) -> String { "\(root)/runs/\(run)/log" }

    /// In the order of their beginning.
    ///
    /// - Throws: ``RunError`` where there is none.
    func every() throws -> [String] {
        do throws(StoreError) {
            let runs = try RunFolder.runs(in: root)
            guard !runs.isEmpty else {
                throw StoreError(
                    .otherRun, "there is no run yet", at: root,
                    advice: "start one with madang run, or keep a backtest: madang backtest --keep")
            }
            return runs
        } catch {
            throw StoreReading.runError(error)
        }
    }

    /// The run that was asked for, or the one of the configuration that a host was at work on last.
    func chosen() throws -> String {
        let runs = try every()
        guard let wanted else {
            return RunFolder.latest(of: file, among: runs, in: root) ?? runs[runs.count - 1]
        }
        guard runs.contains(wanted) else {
            throw RunError(
                .refused,
                "there is no run \(wanted) in \(root)\n  known runs: "
                    + runs.suffix(8).joined(separator: ", "))
        }
        return wanted
    }
}
