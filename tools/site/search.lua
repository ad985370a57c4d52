-- The index of the search: a script, since a page from the file system may load no data.

local M = {}

local function plain(html)
  return (html:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"')
    :gsub("&#39;", "'"):gsub("&amp;", "&"):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end)
    :gsub("</", "<\\/") .. '"'
end

-- The beginning of a text, at the border of a character.
local function cut(text)
  local last = math.min(#text, 1200)
  while text:find("^[\x80-\xBF]", last + 1) do last = last - 1 end
  return text:sub(1, last)
end

--- Cuts a page at its headings: {title =, part =, text =} of each piece.
function M.pieces(html)
  local list, at = {}, 1
  local title, part = nil, ""
  local function add(last)
    local text = plain(html:sub(at, last))
    if title and (text ~= "" or part ~= "") then
      list[#list + 1] = { title = title, part = part, text = text }
    end
  end
  local from = 1
  while true do
    local first, last, level, attributes, inside =
      html:find("<h(%d)([^>]*)>(.-)</h%d>", from)
    if not first then break end
    add(first - 1)
    title, part = plain(inside), level == "1" and "" or attributes:match('id="([^"]*)"') or ""
    at, from = last + 1, last + 1
  end
  add(#html)
  return list
end

--- The script with the index of pages, {target =, title =, html =}.
function M.index(pages)
  local rows = {}
  for _, page in ipairs(pages) do
    for _, piece in ipairs(M.pieces(page.html)) do
      rows[#rows + 1] = ("[%s,%s,%s,%s]"):format(quoted(piece.title), quoted(page.title),
        quoted(page.target .. (piece.part ~= "" and "#" .. piece.part or "")),
        quoted(cut(piece.text)))
    end
  end
  return "var SEARCH_INDEX = [\n" .. table.concat(rows, ",\n") .. "\n];\n"
end

return M
