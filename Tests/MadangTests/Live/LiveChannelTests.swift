import Foundation
import Platform
import Ports
import Testing

@testable import Madang

/// Channels as rows of the live view: how each stands, what waits and what was sent.
@Suite struct LiveChannelTests {
    private let now = 4 * LiveSamples.second

    private static func channel(
        _ name: String, _ state: ChannelStanding.State = .alive, age: Int64 = 0, sent: Int = 0,
        waiting: Int = 0, trouble: String? = nil
    ) -> ChannelStanding {
        var channel = ChannelStanding(name: name)
        (channel.state, channel.age) = (state, age * LiveSamples.second)
        (channel.sent, channel.waiting, channel.trouble) = (sent, waiting, trouble)
        return channel
    }
    private static let four = [
        channel("phone", sent: 1_204), channel("그룹", .throttled, age: 12, sent: 7, waiting: 31),
        channel("desk", .dead, age: 180, sent: 3, waiting: 4, trouble: "HTTP 404\nUnknown Webhook"),
        channel("pager", .silent, age: 21, waiting: 2, trouble: "no answer in 15 s"),
    ]

    private func lines(
        _ channels: [ChannelStanding] = Self.four, width: Int, height: Int = 40, later: Int64 = 0
    ) -> [String] {
        var view = LiveSamples.view()
        var progress = LiveSamples.progress(["cross", "삼성모멘텀", "breakout"], ticks: 50_000)
        progress.channels = channels
        view.take(progress, now: now)
        return view.screen(width: width, height: height, now: now + later * LiveSamples.second)
            .lines
    }

    @Test(arguments: [80, 160]) func aRowSaysHowItStandsWhatWaitsAndWhatWasSent(_ width: Int) throws
    {
        let lines = lines(width: width)
        let head = try #require(lines.first { $0.hasPrefix(" channel") })
        func row(_ name: String) throws -> String {
            try #require(lines.first { $0.dropFirst().hasPrefix(name) && $0 != head }, "\(name)")
        }
        let rows =
            [
                ("phone", " ", "alive", "0", "1,204", nil),
                ("그룹", " ", "throttled 12 s", "31", "7", nil),
                ("desk", "!", "DEAD 3 min", "4", "3", "HTTP 404 Unknown Webhook"),
                ("pager", "!", "SILENT 21 s", "2", "0", "no answer in 15 s"),
            ] as [(String, Character, String, String, String, String?)]
        for (name, mark, state, waiting, sent, trouble) in rows {
            let row = try row(name)
            #expect(row.first == mark)
            #expect(column(of: state, in: row) == column(of: "state", in: head), "\(row)")
            for (title, value) in [("waiting", waiting), ("sent", sent)] {
                let end = try #require(column(of: title, in: head)) + title.count
                // A value ends where its name does.
                let start = end - value.count
                #expect(columns(start - 1..<end, of: row) == " " + value, "\(title): \(row)")
            }
            if let trouble {
                #expect(column(of: trouble, in: row) == column(of: "last trouble", in: head))
            }
        }
        #expect(lines.allSatisfy { displayWidth(of: $0) <= width })
    }

    /// What stands in these columns of a line.
    private func columns(_ range: Range<Int>, of line: String) -> String {
        var at = 0
        var text = ""
        for character in line {
            if range.contains(at) { text.append(character) }
            at += displayWidth(of: String(character))
        }
        return text
    }

    @Test func secondsCountBetweenTwoWordsOfTheLoop() {
        #expect(lines(width: 80, later: 5).contains { $0.contains("SILENT 26 s") })
    }

    /// Who needs somebody stays, whatever the room.
    @Test func withoutRoomThoseInTroubleStay() throws {
        let many = (0..<12).map { Self.channel("fine\($0)") } + Self.four
        let lines = lines(many, width: 80, height: 24)
        #expect(lines.contains { $0.hasPrefix("!desk") })
        #expect(lines.contains { $0.contains("more channels") })
        #expect(!lines.contains { $0.contains("fine11") })
        #expect(lines.contains { $0.hasPrefix(" source") } && lines.count <= 24)
    }

    @Test func withoutChannelsThereIsNoRow() {
        #expect(!lines([], width: 160).contains { $0.contains("waiting") })
    }

    @Test func theSummaryHasThemInWordsAndInJSON() throws {
        var summary = RunSummary()
        summary.channels = Self.four
        summary.channels?[2].since = "2026-11-30T10:31:06Z"
        let lines = SummaryText(summary: summary).lines.filter { $0.hasPrefix("channel ") }
        #expect(
            lines == [
                "channel phone   1,204 sent   0 waiting",
                "channel 그룹   7 sent   31 waiting   throttled",
                "channel desk   3 sent   4 waiting   dead since 2026-11-30T10:31:06Z",
                "channel pager   0 sent   2 waiting   silent",
            ])
        let json = String(decoding: try JSONEncoder.stable.encode(summary), as: UTF8.self)
        #expect(
            json.contains(
                #"{"name":"desk","sent":3,"since":"2026-11-30T10:31:06Z","state":"dead","trouble":"HTTP 404\nUnknown Webhook","waiting":4}"#
            ), "\(json)")
        summary.channels = nil
        summary.held = 3
        let without = String(decoding: try JSONEncoder.stable.encode(summary), as: UTF8.self)
        #expect(!without.contains("channels") && without.contains("\"held\":3"))
    }
}
