import Foundation
import Glibc
import Host
import Platform
import Ports
import Storage

/// `madang strategy promote`, `rollback`, `versions` and `compare`.
enum VersionCommand {
    /// One that begins reads what came before it.
    private static let longPatience: Int64 = 60_000_000_000

    // MARK: Asking

    static func promote(_ command: CommandInvocation) throws -> ExitCode {
        var plan = VersionPlan(live: .candidate, other: .shadow)
        if let text = command.value(of: CommandLineShape.share) {
            plan = VersionPlan(live: .main, other: .canary(share: try share(text)))
        }
        return try ask(command, plan)
    }

    static func rollBack(_ command: CommandInvocation) throws -> ExitCode {
        try ask(command, VersionPlan(live: .main, other: .shadow))
    }

    static func deploy(_ command: CommandInvocation) throws -> ExitCode {
        var plan = VersionPlan(live: .main, other: .shadow)
        if let text = command.value(of: CommandLineShape.share) {
            plan.other = .canary(share: try share(text))
        }
        let place = try Place(command)
        var deployed = VersionFile.Deployment(base: place.setting.base)
        deployed.launch = command.values(of: CommandLineShape.newLaunch)
        deployed.address = command.arguments.dropFirst().first
        if let address = deployed.address {
            guard ServerAddress(address) != nil else {
                throw RunError(
                    .usage, "'\(address)' is no address: unix:PATH or HOST:PORT")
            }
            guard deployed.launch.isEmpty else {
                throw RunError(.usage, "give an address or --launch, not both")
            }
        }
        for text in command.values(of: CommandLineShape.newSet) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw RunError(.usage, "--set \(text): a parameter is written as NAME=VALUE")
            }
            deployed.parameters[String(parts[0])] = String(parts[1])
        }
        if deployed.launch.isEmpty, deployed.address == nil, place.setting.candidate == nil {
            throw RunError(
                .usage,
                "'\(place.name)' has no candidate of its own: say what to start, or where it listens"
                    + "\n  madang strategy deploy \(place.name) --launch python new.py")
        }
        return try ask(command, place, plan, deployed)
    }

    private static func share(_ text: String) throws(RunError) -> Int64 {
        guard let share = VersionPlan.share(text) else {
            throw RunError(
                .usage, "--share \(text): a share is written as 10%, above 0 and below 100%")
        }
        return share
    }

    private static func ask(_ command: CommandInvocation, _ wanted: VersionPlan) throws -> ExitCode
    {
        let place = try Place(command)
        guard place.candidate != nil else { throw place.lonely }
        return try ask(command, place, wanted, place.deployed)
    }

    private static func ask(
        _ command: CommandInvocation, _ place: Place, _ wanted: VersionPlan,
        _ deployed: VersionFile.Deployment?
    ) throws -> ExitCode {
        var plan = wanted
        if command.has(CommandLineShape.drop) {
            if case .canary = plan.other {
                throw RunError(.usage, "--drop: in a canary both versions are heard")
            }
            plan.other = .none
        }
        let symbols = place.symbols
        if let advice = CanaryShare.emptiness(plan, of: place.name, symbols) {
            throw RunError(.refused, "no instrument falls into this share\n  \(advice)")
        }
        guard RunFolder.makeFolder(place.file.folder) else {
            throw RunError.noFolder(place.file.folder)
        }
        let isNew = deployed?.number == 0
        let patience = isNew ? longPatience : AnswerWait.usual
        let wait = AnswerWait(place.file.folder, patience: patience)
        let reason = command.value(of: CommandLineShape.reason) ?? "by command"
        let entry = try place.file.ask(
            plan, of: place.name, deployed: deployed, reason: reason,
            check: { standing throws(RunError) in
                if isNew { try place.refuseToReplace(standing) }
            },
            candidate: { deployed in
                place.candidate(deployed).map(VersionFile.candidate) ?? ""
            })
        guard let host = FolderLock.holder(of: place.file.folder) else {
            tell(
                command, entry,
                "no host runs in \(place.file.folder): the next start begins with it")
            return .good
        }
        let heard = try wait.first { () throws(RunError) -> (VersionFile.Entry, Int32)? in
            guard let now = try place.file.entry(of: place.name), now.number == entry.number else {
                throw RunError(
                    .refused,
                    "a later order for '\(place.name)' replaced this one"
                        + "\n  give yours again if it should stand")
            }
            if let refused = now.refused {
                throw RunError(.refused, "'\(place.name)': \(refused)")
            }
            return now.process.map { (now, $0) }
        }
        if let (now, process) = heard {
            tell(command, now, "heard by process \(process)")
            return .good
        }
        throw RunError(
            .refused,
            "it is asked for, but process \(host) has not answered within"
                + " \(patience / 1_000_000_000) s: it may run another"
                + " configuration, or hang\n  it does so as soon as it goes on, or at its next start"
        )
    }

    private static func tell(
        _ command: CommandInvocation, _ entry: VersionFile.Entry, _ words: String
    ) {
        guard command.has(CommandLineShape.json) else {
            return StandardOutput.write(line: "\(entry.strategy): \(entry.plan): \(words)")
        }
        let process = entry.process.map { "\"process\":\($0)," } ?? ""
        StandardOutput.write(
            line: "{\"strategy\":\(jsonText(entry.strategy)),\"plan\":\(jsonText(entry.plan)),"
                + "\"number\":\(entry.number),\(process)\"heard\":\(entry.process != nil),"
                + "\"reason\":\(jsonText(entry.reason))}")
    }

    // MARK: Looking

    static func compare(_ command: CommandInvocation) throws {
        let name = command.arguments.first ?? ""
        let reading = try StoreReading(command)
        let comparison = try reading.read { (store) throws(StoreError) in
            VersionComparison(
                of: name, signals: try store.signals(), shadows: try store.shadows(),
                rows: try store.versions())
        }
        guard let comparison else {
            throw RunError(
                .refused,
                "in run \(reading.store.runID) '\(name)' has one version: nothing to compare"
                    + "\n  give it a candidate in the configuration, and start a run")
        }
        let report = VersionReport(
            strategy: name, run: reading.store.runID, comparison: comparison, time: reading.time)
        if command.has(CommandLineShape.json) {
            StandardOutput.write(line: try report.json)
        } else {
            for line in report.lines { StandardOutput.write(line: line) }
        }
    }

    static func versions(_ command: CommandInvocation) throws {
        let place = try Place(command)
        guard let candidate = place.candidate else { throw place.lonely }
        let entry = try place.file.entry(of: place.name)
        let isMeant = entry?.candidate == VersionFile.candidate(candidate)
        let asked = isMeant ? entry.flatMap { VersionPlan($0.plan) } : nil
        let plan = asked ?? candidate.plan
        let inside: [String] =
            if case .canary(let share) = plan.other {
                CanaryShare.inside(share, of: place.name, place.symbols)
            } else { [] }
        let since =
            switch (asked, entry) {
            case (.some, let entry?):
                entry.refused.map { "asked for, and refused: \($0)" }
                    ?? (entry.process == nil
                        ? "asked for, not heard by a host yet: \(entry.reason)"
                        : "heard by process \(entry.process ?? 0): \(entry.reason)")
            default: "as configured"
            }
        guard !command.has(CommandLineShape.json) else {
            let symbols = inside.map(jsonText).joined(separator: ",")
            return StandardOutput.write(
                line: "{\"strategy\":\(jsonText(place.name)),\"plan\":\(jsonText(plan.text)),"
                    + "\"main\":\(jsonText(plan.role(of: .main))),"
                    + "\"candidate\":\(jsonText(plan.role(of: .candidate))),"
                    + "\"canary\":[\(symbols)],\"asked\":\(asked != nil),"
                    + "\"heard\":\(asked != nil && entry?.process != nil),"
                    + "\"build\":\(jsonText(isMeant ? entry?.described ?? "" : ""))}")
        }
        StandardOutput.write(line: "\(place.name)  \(plan.text)  (\(since))")
        if !inside.isEmpty {
            StandardOutput.write(line: "  the canary is heard on \(inside.joined(separator: ", "))")
        }
        if isMeant, let described = entry?.described {
            StandardOutput.write(line: "  candidate: \(described)")
        }
        if let deployed = place.deployed {
            let what = deployed.address ?? candidate.server.launch.joined(separator: " ")
            StandardOutput.write(line: "  deployed: \(what)")
        }
        StandardOutput.write(line: "  madang strategy compare \(place.name) shows how they differ")
    }
}
