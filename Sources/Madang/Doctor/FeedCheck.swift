import Host
import Platform
import Ports

/// Each feed's file: there, readable, its first rows as the configuration says, of symbols that it names.
struct FeedCheck: DoctorCheck {
    let name = "feeds"
    let code = ExitCode.feed
    /// A file without a known symbol is read further than a few rows.
    let timeout = Duration.seconds(20)

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        withConfiguration(environment) { configuration in
            configuration.feeds.map { look(at: $0, configuration, environment) }
                + configuration.strategies.compactMap { lookAtList(of: $0, configuration) }
        }
    }

    /// A scanner's list is read whole, as a run does.
    private func lookAtList(
        of setting: StrategySetting, _ configuration: HostConfiguration
    ) -> Finding? {
        guard case .scanner(let scanner) = setting.kind else { return nil }
        var alone = configuration
        alone.strategies = [setting]
        do throws(RunError) {
            try alone.readLists()
        } catch {
            return .wrong("\(error)", else: "correct the list, or file under strategies", .feed)
        }
        guard alone.listRemarks.isEmpty else {
            return .warning(
                alone.listRemarks.joined(separator: "; "),
                next: "look at the list, at symbols, and at minimum")
        }
        guard case .scanner(let read)? = alone.strategies.first?.kind, let list = read.list else {
            return nil
        }
        return .good("\(scanner.file.path): \(counted(list.candidates.count, "candidate"))")
    }

    private func look(
        at feed: FeedSetting, _ configuration: HostConfiguration, _ environment: DoctorEnvironment
    ) -> Finding {
        let path = feed.csv.path
        guard let state = environment.file(path) else {
            return .wrong(
                "\(path) is not there", next: "bring the file, or correct path under feeds", .feed)
        }
        guard !state.isFolder else {
            return .wrong("\(path) is a folder", next: "name a file under feeds", .feed)
        }
        guard environment.isReadable(path) else {
            return .wrong(
                "\(path) cannot be read by this user",
                next: "chmod u+r \(path), or change its owner",
                .feed)
        }
        do throws(FeedError) {
            return judge(try environment.recording(feed, configuration), path)
        } catch {
            return .wrong("\(error)", else: "correct the feed's columns, time or what", .feed)
        }
    }

    private func judge(_ sample: FeedSample, _ path: String) -> Finding {
        let rows = (sample.isWhole ? "all " : "the first ") + counted(sample.rows, "row")
        if sample.known.isEmpty {
            let seen = list(sample.unknown)
            return .wrong(
                "\(path): \(rows) parse, but none is of a symbol under instruments",
                next: seen.isEmpty
                    ? "the file has no rows" : "name what the file holds: \(seen)", .feed)
        }
        if let unanchored = sample.unanchored {
            return .wrong(unanchored, else: "correct hours under instruments", .feed)
        }
        let others =
            sample.unknown.isEmpty
            ? "" : "; left out, for not under instruments: \(list(sample.unknown))"
        let words = "\(path): \(rows) parse, of \(list(sample.known))\(others)"
        guard sample.skipped == 0 else {
            return .warning(
                "\(words); \(counted(sample.skipped, "row")) skipped as bad",
                next: "look at them, or leave bad_rows as it is if they are known")
        }
        guard sample.remarks.isEmpty else {
            return .warning(words, next: sample.remarks.joined(separator: "; "))
        }
        return .good(words)
    }

    private func list(_ symbols: [String]) -> String {
        symbols.prefix(5).joined(separator: ", ")
            + (symbols.count > 5 ? " and \(grouped("\(symbols.count - 5)")) more" : "")
    }
}
