import Notifications
import Platform
import Ports
import TradingModel

/// Where messages go. Nothing is sent unless that is asked for: a doctor does not ring people up.
struct ChannelCheck: DoctorCheck {
    /// Stands for every channel.
    static let all = "all"
    let name = "channels"
    let code = ExitCode.configuration
    /// Names of channels that are sent a test message, once; or `all`.
    var tested: [String] = []

    /// A channel gives up earlier by itself.
    var timeout: Duration { .seconds(tested.isEmpty ? 10 : 30) }

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        guard let configuration = environment.configuration else {
            return [.skipped("not looked at without a good configuration")]
        }
        let channels = configuration.channels
        let strangers = tested.filter { name in
            name != Self.all && !channels.contains { $0.name == name }
        }
        // With one name wrong none is meant for sure: nothing is sent.
        guard strangers.isEmpty else { return strangers.map { unknown($0, channels) } }
        guard !channels.isEmpty else {
            let words = "none configured: what happens is told on the screen and in the tables"
            return [
                tested.isEmpty
                    ? .skipped(words)
                    : .wrong(
                        "no channel is configured: no test message was sent",
                        next: "add one under channels; see docs/CONFIGURATION.md", .refused)
            ]
        }
        return await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, channel) in channels.enumerated() {
                let isTested = tested.contains(channel.name) || tested.contains(Self.all)
                group.addTask {
                    (
                        index,
                        isTested
                            ? await test(channel, environment)
                            : .good("\(words(channel)); not called")
                    )
                }
            }
            var found: [Int: Finding] = [:]
            for await (index, finding) in group { found[index] = finding }
            return channels.indices.compactMap { found[$0] } + waiting(channels, environment)
        }
    }

    /// What a run could not bring; it is not sent from here.
    private func waiting(
        _ channels: [ChannelSetting], _ environment: DoctorEnvironment
    ) -> [Finding] {
        let backlogs: [String: DoctorEnvironment.Backlog]
        do throws(StoreError) {
            backlogs = try environment.backlogs(environment.folder, channels.map(\.name))
        } catch {
            return [
                .warning(
                    "what waits for channels cannot be read: \(printable("\(error.place): \(error.what)"))",
                    next: error.advice)
            ]
        }
        let now = environment.clock.utc()
        return channels.compactMap { channel in
            guard let backlog = backlogs[channel.name] else { return nil }
            let age = backlog.oldest.map { max(0, now - $0) }
            let words =
                "\(channel.name): \(counted(backlog.count, "message")) not sent yet"
                + (age.map { ", the oldest for \(NumberWords.span(Nanoseconds($0)))" } ?? "")
            guard let age, age <= Self.patience else {
                return .warning(
                    words,
                    next: "madang doctor --send-test \(channel.name) says what it answers;"
                        + " a run goes on to send them")
            }
            return .good(words)
        }
    }
    /// ns; as long as a host leaves a dead channel alone.
    private static let patience: Int64 = 600_000_000_000

    private func words(_ channel: ChannelSetting) -> String {
        let level = channel.from == .info ? "" : ", from \(channel.from) on"
        return "\(channel.name): \(channel.place.kind), \(channel.language.rawValue)\(level)"
    }

    private func unknown(_ name: String, _ channels: [ChannelSetting]) -> Finding {
        let names = channels.map(\.name)
        let guess = nearest(to: name, in: names).map { "did you mean '\($0)'? " } ?? ""
        return .wrong(
            "there is no channel '\(name)': no test message was sent",
            next: names.isEmpty
                ? "add one under channels; see docs/CONFIGURATION.md"
                : guess + "the configuration has \(names.joined(separator: ", "))", .refused)
    }

    /// Sends once and never again: what was lost on the way may have arrived.
    private func test(
        _ channel: ChannelSetting, _ environment: DoctorEnvironment
    ) async -> Finding {
        let clock = environment.clock
        let letter = Letter(
            severity: .info, text: Texts(channel.language).testMessage(channel.name))
        let start = clock.monotonic()
        let delivery = await environment.deliver(channel, letter)
        let took = Nanoseconds(clock.monotonic() - start)
        return ChannelTrial(channel: channel, took: took).finding(delivery)
    }
}

extension ChannelSetting.Place {
    var kind: String {
        switch self {
        case .telegram: "Telegram"
        case .discord: "Discord"
        case .console: "the console"
        }
    }
}
