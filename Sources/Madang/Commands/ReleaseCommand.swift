import Foundation
import Host
import Platform
import Storage

/// `madang strategy release`: a server in quarantine is connected again, by the run in hand or the next.
enum ReleaseCommand {
    /// How long a running host is waited for, ns.
    private static let patience: Int64 = 5_000_000_000

    static func run(_ command: CommandInvocation) throws -> ExitCode {
        let name = command.arguments.first ?? ""
        let (_, loader, configuration) = try ConfigCommand.load(command)
        let file = QuarantineFile(folder: loader.path(configuration.folder))
        let bell = Doorbell()
        // Watching begins before the mark is set: no answer is missed.
        let watch = FolderWatch(file.folder) { bell.ring() }
        defer { withExtendedLifetime(watch) {} }
        guard let entry = try file.markReleased(name) else { throw unknown(name, file) }
        guard let host = FolderLock.holder(of: file.folder) else {
            try file.remove(entry.number)
            tell(
                command, entry, host: nil,
                "no host runs in \(file.folder): the next start connects to it")
            return .good
        }
        let clock = HostClock()
        let end = clock.monotonic() + patience
        while true {
            guard try file.entries().contains(where: { $0.number == entry.number }) else {
                tell(command, entry, host: host, "process \(host) connects to it again")
                return .good
            }
            let left = end - clock.monotonic()
            guard left > 0 else { break }
            // Without a watch it is looked at now and then.
            _ = bell.wait(until: min(end, clock.monotonic() + (watch == nil ? 100_000_000 : left)))
        }
        throw RunError(
            .refused,
            "'\(name)' is released, but process \(host) has not heard it within 5 s: it may hang"
                + "\n  it takes the release as soon as it goes on, or at its next start")
    }

    private static func unknown(_ name: String, _ file: QuarantineFile) -> RunError {
        let names = ((try? file.entries()) ?? []).map { "'\($0.name)'" }
        return RunError(
            .refused,
            "'\(name)' is not in quarantine\n  "
                + (names.isEmpty
                    ? "no strategy server is" : "in quarantine: \(names.joined(separator: ", "))"))
    }

    private static func tell(
        _ command: CommandInvocation, _ entry: QuarantineFile.Entry, host: Int32?, _ words: String
    ) {
        guard command.has(CommandLineShape.json) else {
            return StandardOutput.write(line: "\(entry.name) released: \(words)")
        }
        let process = host.map { "\"process\":\($0)," } ?? ""
        StandardOutput.write(
            line: "{\"released\":\(jsonText(entry.name)),\"number\":\(entry.number),\(process)"
                + "\"heard\":\(host != nil),\"reason\":\(jsonText(entry.quarantine.words))}")
    }
}
