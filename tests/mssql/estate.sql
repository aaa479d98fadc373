CREATE SCHEMA [sales];
GO
CREATE TYPE [dbo].[phone] FROM VARCHAR(30) NULL;
GO
CREATE SEQUENCE [sales].[order_numbers] AS BIGINT START WITH 1;
GO
CREATE TABLE [dbo].[customers]
(
    [id] INT NOT NULL IDENTITY,
    [name] NVARCHAR(100) NOT NULL,
    [code] VARCHAR(20) NOT NULL,
    [email] NVARCHAR(200) NULL,
    [status] VARCHAR(10) NOT NULL CONSTRAINT [DF_customers_status] DEFAULT 'new',
    [created] DATETIME NOT NULL CONSTRAINT [DF_customers_created] DEFAULT GETDATE(),
    [seen] DATETIMEOFFSET(3) NULL,
    [token] UNIQUEIDENTIFIER NOT NULL CONSTRAINT [DF_customers_token] DEFAULT NEWID(),
    [credit] MONEY NULL,
    [called] [dbo].[phone] NULL,
    [photo] VARBINARY(MAX) NULL,
    [place] GEOGRAPHY NULL,
    [notes] XML NULL,
    [extra] NVARCHAR(MAX) NULL,
    [anything] SQL_VARIANT NULL,
    [label] AS ([code] + ' ' + [status]),
    [initial] AS (LEFT([name], 1)) PERSISTED,
    [version] ROWVERSION NOT NULL,
    [valid_from] DATETIME2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    [valid_to] DATETIME2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME ([valid_from], [valid_to]),
    CONSTRAINT [PK_customers] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [UQ_customers_code] UNIQUE NONCLUSTERED ([code]),
    CONSTRAINT [CK_customers_status] CHECK ([status] IN ('new', 'good', 'bad')),
    CONSTRAINT [CK_customers_extra] CHECK (ISJSON([extra]) > 0),
    CONSTRAINT [CK_customers_dates] CHECK ([created] > '2000-01-01' OR [status] = 'bad')
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = [dbo].[customers_history]));
GO
CREATE UNIQUE NONCLUSTERED INDEX [UX_customers_email] ON [dbo].[customers] ([email]) WHERE [email] IS NOT NULL;
GO
CREATE NONCLUSTERED INDEX [IX_customers_created] ON [dbo].[customers] ([created] DESC, [name]) INCLUDE ([email]);
GO
CREATE TABLE [sales].[orders]
(
    [id] BIGINT NOT NULL CONSTRAINT [DF_orders_id] DEFAULT NEXT VALUE FOR [sales].[order_numbers],
    [customer_id] INT NOT NULL,
    [total] DECIMAL(12, 2) NOT NULL CONSTRAINT [DF_orders_total] DEFAULT 0,
    [placed] DATETIME2(3) NULL,
    [paid] BIT NOT NULL CONSTRAINT [DF_orders_paid] DEFAULT 0,
    CONSTRAINT [PK_orders] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [FK_orders_customer] FOREIGN KEY ([customer_id]) REFERENCES [dbo].[customers] ([id]) ON DELETE CASCADE
);
GO
CREATE TRIGGER [sales].[orders_seen] ON [sales].[orders] AFTER INSERT, UPDATE AS
    UPDATE [dbo].[customers] SET [status] = 'good' WHERE [id] IN (SELECT [customer_id] FROM inserted);
GO
CREATE TABLE [sales].[order_lines]
(
    [order_id] BIGINT NOT NULL,
    [line_no] INT NOT NULL,
    [product] NVARCHAR(100) NOT NULL,
    [quantity] INT NOT NULL,
    CONSTRAINT [PK_order_lines] PRIMARY KEY CLUSTERED ([order_id], [line_no]),
    CONSTRAINT [FK_order_lines_order] FOREIGN KEY ([order_id]) REFERENCES [sales].[orders] ([id])
);
GO
CREATE TABLE [sales].[shipments]
(
    [id] INT NOT NULL IDENTITY,
    [order_id] BIGINT NULL,
    [line_no] INT NULL,
    [sent] DATE NULL,
    CONSTRAINT [PK_shipments] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [FK_shipments_line] FOREIGN KEY ([order_id], [line_no])
        REFERENCES [sales].[order_lines] ([order_id], [line_no]) ON DELETE SET NULL
);
GO
CREATE TABLE [dbo].[log] ([at] DATETIME2(7) NOT NULL, [line] NVARCHAR(MAX) NULL);
GO
CREATE VIEW [sales].[order_totals] AS
    SELECT [customer_id], SUM([total]) AS [total] FROM [sales].[orders] GROUP BY [customer_id];
GO
EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'Who buys', @level0type = N'SCHEMA',
    @level0name = N'dbo', @level1type = N'TABLE', @level1name = N'customers';
GO
EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'On invoices', @level0type = N'SCHEMA',
    @level0name = N'dbo', @level1type = N'TABLE', @level1name = N'customers', @level2type = N'COLUMN',
    @level2name = N'code';
GO
