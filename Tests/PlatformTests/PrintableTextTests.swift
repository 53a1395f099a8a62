import Platform
import Testing

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("매수 005930", "매수 005930"), ("a\nb\tc\r", "a b c "),
        ("\u{1B}[2J", "\\u{1B}[2J"), ("a\u{9B}b", "a\\u{9B}b"), ("x\u{202E}y", "x\\u{202E}y"),
        ("bell\u{7}", "bell\\u{7}"), ("two\u{2028}lines", "two\\u{2028}lines"), ("é 👍🏽", "é 👍🏽"),
    ])
    func oneLineOfOthersIsShownAndNotObeyed(_ text: String, _ shown: String) {
        #expect(oneLine(text) == shown)
    }

    @Test func ourLinesStay() {
        #expect(printable("what\n  do \u{1B}[31m") == "what\n  do \\u{1B}[31m")
    }
}
