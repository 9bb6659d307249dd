using Microsoft.EntityFrameworkCore;

namespace Millpond.EntityFrameworkCore.Live.Tests.Live;

public enum Grade
{
    New = 1,
    Used = 2,
}

/// <summary>A row with everything that may stand between a property and its column.</summary>
public sealed class Product
{
    public int Id { get; set; }

    public int CategoryId { get; set; }

    public Grade Grade { get; set; }

    public string Secret { get; set; } = "";

    public Maker Maker { get; set; } = new();

    public Size? Size { get; set; }

    public List<Note> Notes { get; } = [];
}

/// <summary>Kept in the product's row, under another entity of its own.</summary>
public sealed class Maker
{
    public string Name { get; set; } = "";
}

/// <summary>Kept in the product's row as a value.</summary>
public sealed class Size
{
    public int Length { get; set; }
}

/// <summary>Kept in a column of the product's row, as JSON.</summary>
public sealed class Note
{
    public string Text { get; set; } = "";
}

/// <summary>Goes with its product.</summary>
public sealed class Review
{
    public int Id { get; set; }

    public int ProductId { get; set; }

    public Product Product { get; set; } = null!;
}

/// <summary>In a table that nobody follows.</summary>
public sealed class Visit
{
    public int Id { get; set; }
}

/// <summary>A shop's database.</summary>
public sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
{
    public DbSet<Product> Products => Set<Product>();

    public DbSet<Review> Reviews => Set<Review>();

    public DbSet<Visit> Visits => Set<Visit>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Product>(product =>
        {
            product.ToTable("Products");
            product.Property(one => one.Id).HasColumnName("id");
            product.Property(one => one.CategoryId).HasColumnName("category_id");
            product.Property(one => one.Grade).HasColumnName("grade").HasConversion<string>();
            product.OwnsOne(one => one.Maker, maker => maker.Property(one => one.Name).HasColumnName("maker"));
            product.ComplexProperty(one => one.Size, size => size.Property(one => one.Length).HasColumnName("length"));
            product.OwnsMany(one => one.Notes, notes => notes.ToJson());
        });
        modelBuilder.Entity<Review>(review =>
        {
            review.ToTable("reviews", "shop");
            review.Property(one => one.Id).HasColumnName("id");
            review.Property(one => one.ProductId).HasColumnName("product_id");
        });
    }
}
