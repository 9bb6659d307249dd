using System.Globalization;
using System.Xml;

namespace Catalog.Data;

/// <summary>
/// Reads one software list of the MAME project: an XML file with a <c>softwarelist</c> of <c>software</c> elements, each with its
/// <c>description</c>, <c>year</c>, <c>publisher</c>, <c>info</c> pairs and <c>part</c>s that hold <c>rom</c> or <c>disk</c> files.
/// The parser streams, because the largest list is 20 MB of text.
/// </summary>
internal static class SoftwareListReader
{
    private static readonly XmlReaderSettings Settings = new()
    {
        // The files name a DTD beside them; it is not read, and nothing external ever is.
        DtdProcessing = DtdProcessing.Ignore,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreWhitespace = true,
    };

    /// <summary>Reads the list, or returns null if the document is XML of another kind.</summary>
    public static ReleaseList? Read(Stream stream)
    {
        using var xml = XmlReader.Create(stream, Settings);
        xml.MoveToContent();
        if (xml.LocalName != "softwarelist")
        {
            return null;
        }

        string code = xml.GetAttribute("name") ?? throw new InvalidDataException("A software list without a name.");
        string description = xml.GetAttribute("description") ?? code;
        var releases = new List<Release>();
        while (xml.Read())
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "software" })
            {
                using XmlReader software = xml.ReadSubtree();
                software.Read();
                releases.Add(ReadRelease(software));
            }
        }

        return new ReleaseList(code, description, releases);
    }

    private static Release ReadRelease(XmlReader xml)
    {
        string code = xml.GetAttribute("name") ?? throw new InvalidDataException("A release without a name.");
        string? parent = xml.GetAttribute("cloneof");
        var texts = new Dictionary<string, string>();
        var parts = new List<ReleasePart>();
        xml.Read();
        while (!xml.EOF)
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                xml.Read();
            }
            else if (xml.LocalName == "part")
            {
                parts.Add(ReadPart(xml));
            }
            else if (xml.LocalName == "info")
            {
                texts.TryAdd("info:" + xml.GetAttribute("name"), xml.GetAttribute("value") ?? "");
                xml.Read();
            }
            else if (xml.LocalName is "description" or "year" or "publisher")
            {
                string element = xml.LocalName;
                texts[element] = xml.ReadElementContentAsString();
            }
            else
            {
                xml.Skip();
            }
        }

        return new Release
        {
            Code = code,
            ParentCode = parent,
            Name = texts.GetValueOrDefault("description", code).Trim(),
            Year = YearOf(texts.GetValueOrDefault("year", "")),
            Publisher = PublisherOf(texts.GetValueOrDefault("publisher", "")),
            Serial = texts.GetValueOrDefault("info:serial"),
            Released = texts.GetValueOrDefault("info:release"),
            OtherName = texts.GetValueOrDefault("info:alt_title"),
            Developer = texts.GetValueOrDefault("info:developer"),
            Usage = texts.GetValueOrDefault("info:usage"),
            Parts = parts,
        };
    }

    private static ReleasePart ReadPart(XmlReader xml)
    {
        string label = xml.GetAttribute("name") ?? "";
        string medium = xml.GetAttribute("interface") ?? "";
        int files = 0;
        long bytes = 0;
        int depth = xml.Depth;
        bool empty = xml.IsEmptyElement;
        xml.Read();
        while (!empty && !(xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth))
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "feature" } && xml.GetAttribute("name") == "part_id")
            {
                label = xml.GetAttribute("value") ?? label;
            }
            else if (xml is { NodeType: XmlNodeType.Element, LocalName: "rom" or "disk" })
            {
                files++;
                bytes += SizeOf(xml.GetAttribute("size"));
            }

            xml.Read();
        }

        return new ReleasePart(label, medium, files, bytes);
    }

    /// <summary>Sizes are decimal or, in a few lists, hexadecimal with a prefix; discs carry none.</summary>
    private static long SizeOf(string? text)
    {
        if (text is null)
        {
            return 0;
        }

        bool parsed = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long size)
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size);
        return parsed ? size : 0;
    }

    /// <summary>"1987" and "1987?" are years; "198?" and "????" are not known.</summary>
    private static int? YearOf(string text) =>
        int.TryParse(text.TrimEnd('?'), NumberStyles.None, CultureInfo.InvariantCulture, out int year) && year >= 1900 ? year : null;

    /// <summary>The lists write what is not a company's name in angle brackets: <c>&lt;unknown&gt;</c>, <c>&lt;homebrew&gt;</c>.</summary>
    private static string PublisherOf(string text)
    {
        string name = text.Trim().Trim('<', '>');
        return name.Length > 0 ? name : "unknown";
    }
}
