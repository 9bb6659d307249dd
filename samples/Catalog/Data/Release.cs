namespace Catalog.Data;

/// <summary>One entry of a software list: a title as it was sold for one platform.</summary>
internal sealed record Release
{
    public required string Code { get; init; }

    /// <summary>The code of the release that this one is a variant of, in the same list.</summary>
    public string? ParentCode { get; init; }

    public required string Name { get; init; }

    public int? Year { get; init; }

    public required string Publisher { get; init; }

    public string? Serial { get; init; }

    public string? Released { get; init; }

    public string? OtherName { get; init; }

    public string? Developer { get; init; }

    public string? Usage { get; init; }

    public required IReadOnlyList<ReleasePart> Parts { get; init; }

    public long Bytes => Parts.Sum(part => part.Bytes);

    /// <summary>
    /// The name without what follows in brackets ("Tetris (USA, rev. A)" is "Tetris"), by which releases on different platforms
    /// belong together.
    /// </summary>
    public string Title
    {
        get
        {
            int bracket = Name.AsSpan().IndexOfAny('(', '[');
            string title = (bracket > 0 ? Name[..bracket] : Name).Trim();
            return title.Length > 0 ? title : Name;
        }
    }
}

/// <summary>A cartridge, a disk, a tape side: what was in the box.</summary>
internal sealed record ReleasePart(string Label, string Medium, int Files, long Bytes);

/// <summary>A platform's list: the category of all its releases.</summary>
internal sealed record ReleaseList(string Code, string Description, IReadOnlyList<Release> Releases);
