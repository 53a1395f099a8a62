import Foundation
import Testing

/// The worked example of docs/EXITS.md comes to what the page shows.
@Suite struct ExitsPageTests {
    @Test func theWorkedExampleSaysWhatThePageSays() throws {
        let blocks = try Document("docs/EXITS.md").blocks
        let configuration = try #require(blocks.first { $0.language == "yaml" })
        let rows = try #require(blocks.first { $0.language == "csv" })
        let shown = try #require(blocks.first { $0.text.hasPrefix("signal ") })
        let folder = try Scratch()
        for (name, block) in [("madang.yaml", configuration), ("day.csv", rows)] {
            try Data(block.text.utf8).write(to: folder.url.appending(path: name))
        }
        let (status, words) = try madang("run", "--plain", in: folder.url)
        #expect(status == 0, "\(words)")
        let told = words.split(separator: "\n").filter { $0.hasPrefix("2026-01-05 ") }
            .map { $0.dropFirst("2026-01-05 09:00:00 ".count).trimmingCharacters(in: .whitespaces) }
        let wanted = shown.text.split(separator: "\n").map(String.init)
        #expect(told == wanted)
        #expect(wanted.count == 10)
        let (_, why) = try madang("why", "3", in: folder.url)
        #expect(why.contains("exit -5% all: bought for 70000, the price is 66500"))
        // Nobody voted, and it is what was decided last all the same.
        let (_, then) = try madang("why", "KR0001@09:00:10", in: folder.url)
        #expect(then.contains("before the time asked for: 3.0 s earlier"), "\(then)")
        #expect(then.contains("order 2  SELL 5 KR0001"), "\(then)")
        let (_, first) = try madang("why", "KR0001@09:00:07", in: folder.url)
        #expect(first.contains("order 1  BUY 11 KR0001"), "\(first)")
    }

    /// Behind the first sale `madang positions` shows what the page says is still to come.
    @Test func whatIsStillToComeIsShown() throws {
        let page = try Document("docs/EXITS.md")
        let configuration = try #require(page.blocks.first { $0.language == "yaml" })
        let rows = try #require(page.blocks.first { $0.language == "csv" })
        let folder = try Scratch()
        let half = rows.text.split(separator: "\n").prefix(6).joined(separator: "\n") + "\n"
        try Data(configuration.text.utf8).write(to: folder.url.appending(path: "madang.yaml"))
        try Data(half.utf8).write(to: folder.url.appending(path: "day.csv"))
        let (status, words) = try madang("run", "--quiet", in: folder.url)
        #expect(status == 0, "\(words)")
        let left = "-5% all, +8% rest; fired: +4% half"
        #expect(page.text.contains("`\(left)`"))
        let (_, positions) = try madang("positions", in: folder.url)
        let line = positions.split(separator: "\n").last ?? ""
        #expect(line.hasSuffix(left), "\(positions)")
        let (_, json) = try madang("positions", "--json", in: folder.url)
        #expect(json.contains(#""exits":["-5% all","+8% rest"]"#), "\(json)")
        #expect(json.contains(#""exits_fired":["+4% half"]"#), "\(json)")
    }
}
