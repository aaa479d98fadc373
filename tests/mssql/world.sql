CREATE TABLE [dbo].[people]
(
    [id] INT NOT NULL IDENTITY,
    [name] NVARCHAR(100) NOT NULL,
    [email] NVARCHAR(100),
    [age] INT,
    [height] FLOAT,
    [balance] DECIMAL(10, 2),
    [is_active] BIT NOT NULL,
    [born] DATE,
    [joined] DATETIME2(6),
    [wakes] TIME(6),
    [meta] NVARCHAR(MAX),
    CONSTRAINT [PK_people] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [UQ_people_email] UNIQUE NONCLUSTERED ([email]),
    CONSTRAINT [CK_people_meta] CHECK (ISJSON([meta]) > 0)
);
GO
CREATE TABLE [dbo].[profiles]
(
    [id] INT NOT NULL IDENTITY,
    [person_id] INT NOT NULL,
    [bio] NVARCHAR(200),
    CONSTRAINT [PK_profiles] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [UQ_profiles_person] UNIQUE NONCLUSTERED ([person_id])
);
GO
CREATE TABLE [dbo].[posts]
(
    [id] INT NOT NULL IDENTITY,
    [title] NVARCHAR(100) NOT NULL,
    [rating] INT,
    [author_id] INT NOT NULL,
    CONSTRAINT [PK_posts] PRIMARY KEY CLUSTERED ([id])
);
GO
CREATE TABLE [dbo].[tags]
(
    [id] INT NOT NULL IDENTITY,
    [name] NVARCHAR(100) NOT NULL,
    CONSTRAINT [PK_tags] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [UQ_tags_name] UNIQUE NONCLUSTERED ([name])
);
GO
CREATE TABLE [dbo].[post_tags]
(
    [post_id] INT NOT NULL,
    [tag_id] INT NOT NULL,
    CONSTRAINT [PK_post_tags] PRIMARY KEY CLUSTERED ([post_id], [tag_id])
);
GO
ALTER TABLE [dbo].[profiles] ADD CONSTRAINT [FK_profiles_person]
    FOREIGN KEY ([person_id]) REFERENCES [dbo].[people] ([id]) ON DELETE NO ACTION ON UPDATE NO ACTION;
GO
ALTER TABLE [dbo].[posts] ADD CONSTRAINT [FK_posts_author]
    FOREIGN KEY ([author_id]) REFERENCES [dbo].[people] ([id]) ON DELETE NO ACTION ON UPDATE NO ACTION;
GO
ALTER TABLE [dbo].[post_tags] ADD CONSTRAINT [FK_post_tags_post]
    FOREIGN KEY ([post_id]) REFERENCES [dbo].[posts] ([id]) ON DELETE NO ACTION ON UPDATE NO ACTION;
GO
ALTER TABLE [dbo].[post_tags] ADD CONSTRAINT [FK_post_tags_tag]
    FOREIGN KEY ([tag_id]) REFERENCES [dbo].[tags] ([id]) ON DELETE NO ACTION ON UPDATE NO ACTION;
GO
