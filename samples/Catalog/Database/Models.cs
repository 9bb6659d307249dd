namespace Catalog.Database;

internal sealed record Product
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>How often the title was released, over all platforms.</summary>
    public required int Releases { get; init; }

    public required string PlatformCode { get; init; }

    public required string Platform { get; init; }

    public required string Publisher { get; init; }

    public int? Year { get; init; }

    public string? Serial { get; init; }

    public string? Released { get; init; }

    public string? OtherName { get; init; }

    public string? Developer { get; init; }

    public string? Usage { get; init; }

    public int? VariantOf { get; init; }

    public string? VariantOfName { get; init; }

    public required long Bytes { get; init; }

    public required int Stock { get; init; }

    /// <summary>Goes up by one with each change: what a reader can tell an old copy by.</summary>
    public required int Revision { get; init; }

    public IReadOnlyList<Part> Parts { get; init; } = [];
}

internal sealed record Part(string Label, string Medium, int Files, long Bytes);

/// <summary>A product as it appears in a list.</summary>
internal sealed record ProductLine(int Id, string Name, string Platform, string Publisher, int? Year, int Releases, bool InStock);

/// <summary>One page of a category: what all its products add up to, and some of them, most often released first.</summary>
internal sealed record CategoryPage
{
    public required string Code { get; init; }

    public required string Name { get; init; }

    public required int Page { get; init; }

    public required int Products { get; init; }

    public required int Publishers { get; init; }

    public required int SoldOut { get; init; }

    public int? FirstYear { get; init; }

    public int? LastYear { get; init; }

    public required double BytesMean { get; init; }

    public IReadOnlyList<ProductLine> Lines { get; init; } = [];
}

/// <summary>The same title on other platforms.</summary>
internal sealed record RelatedProducts(int Id, IReadOnlyList<ProductLine> Lines);

internal sealed record Suggestions(string Prefix, IReadOnlyList<Suggestion> Titles);

internal sealed record Suggestion(string Title, int Releases, int Platforms, int ProductId);

/// <summary>What a change of stock did.</summary>
/// <param name="Product">The product's id.</param>
/// <param name="PlatformCode">Its category.</param>
/// <param name="Stock">What is on the shelf now.</param>
/// <param name="AvailabilityChanged">Whether it sold out or came back, which is all that lists show of it.</param>
internal sealed record StockChange(int Product, string PlatformCode, int Stock, bool AvailabilityChanged);
