#include "source.h"

#include <sstream>

namespace madang {

void Source::Blank() {
  if (!may_blank_) return;
  text_ += "\n";
  may_blank_ = false;
}

void Source::Line(const std::string& text) {
  text_ += std::string(depth_ * 4, ' ') + text + "\n";
  may_blank_ = true;
}

void Source::Open(const std::string& text) {
  Line(text + " {");
  ++depth_;
  may_blank_ = false;
}

void Source::Close() {
  --depth_;
  Line("}");
}

void Source::Call(const std::string& head, const std::vector<std::string>& items,
                  const std::string& tail) {
  std::string joined;
  for (const auto& item : items) joined += (joined.empty() ? "" : ", ") + item;
  const std::string flat = head + "(" + joined + ")" + tail;
  if (depth_ * 4 + static_cast<int>(flat.size()) <= kWidth) {
    Line(flat);
    return;
  }
  Line(head + "(");
  ++depth_;
  for (size_t i = 0; i < items.size(); ++i) Line(items[i] + (i + 1 < items.size() ? "," : ""));
  --depth_;
  Line(")" + tail);
}

void Source::Comment(const std::string& mark, const std::string& text) {
  const int room = kWidth - depth_ * 4 - static_cast<int>(mark.size()) - 1;
  std::istringstream lines(text);
  std::string line, pending;
  bool gap = false, any = false;
  auto flush = [&] {
    if (pending.empty()) return;
    Line(mark + " " + pending);
    pending.clear();
    any = true;
  };
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word;
    bool first = true;
    while (words >> word) {
      if (first && (word == "-" || word == "*")) flush();
      first = false;
      if (gap) {
        flush();
        if (any) Line(mark);
        gap = false;
      }
      if (!pending.empty() && static_cast<int>(pending.size() + 1 + word.size()) > room) flush();
      pending += (pending.empty() ? "" : " ") + word;
    }
    if (first) gap = true;
  }
  flush();
}

}  // namespace madang
