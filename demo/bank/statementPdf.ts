import { PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from 'pdf-lib';
import type { Account, Customer } from './customers';
import { balanceBefore, entriesOf, lastDay, type Month, shift, sum } from './ledger';
import { change, dayName, euro, monthName } from './money';

const width = 595.28;
const height = 841.89;
const margin = 56;
const right = width - margin;
const green = rgb(0.059, 0.42, 0.361);
const ink = rgb(0.08, 0.14, 0.17);
const grey = rgb(0.38, 0.44, 0.47);
const line = rgb(0.85, 0.88, 0.87);
const tint = rgb(0.945, 0.965, 0.955);

type Fonts = { text: PDFFont; bold: PDFFont; serif: PDFFont };

/** Who the statement is for; without a customer it names nobody and shows the sample account. */
export type Holder = { customer?: Customer | undefined; account: Account };

/** A statement of one month as PDF. The same holder and month give the same bytes. */
export async function statementPdf({ customer, account }: Holder, month: Month): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const fonts: Fonts = {
    text: await pdf.embedFont(StandardFonts.Helvetica),
    bold: await pdf.embedFont(StandardFonts.HelveticaBold),
    serif: await pdf.embedFont(StandardFonts.TimesRomanBold),
  };
  const issued = new Date(`${shift(month, 1)}-01T06:00:00Z`);
  pdf.setTitle(`Account statement ${monthName(month)}`, { showInWindowTitleBar: true });
  pdf.setAuthor('AG Bank');
  pdf.setLanguage('en');
  pdf.setCreationDate(issued);
  pdf.setModificationDate(issued);

  const entries = entriesOf(account.iban, month);
  const opening = balanceBefore(account.iban, account.opening, month);

  let page = pdf.addPage([width, height]);
  letterhead(page, fonts);
  addressBlock(page, fonts, customer);
  title(page, fonts, account, month);
  summary(
    page,
    fonts,
    opening,
    entries.map((entry) => entry.cents),
  );

  let y = tableHead(page, fonts, 500);
  let balance = opening;
  for (const entry of entries) {
    if (y < 96) {
      page = pdf.addPage([width, height]);
      letterhead(page, fonts);
      y = tableHead(page, fonts, 730);
    }
    balance += entry.cents;
    write(page, dayName(month, entry.day), margin + 8, y, fonts.text, 9, grey);
    write(page, entry.text, margin + 62, y, fonts.bold, 9, ink);
    write(page, entry.detail, margin + 190, y, fonts.text, 9, grey);
    writeRight(page, change(entry.cents), right - 92, y, fonts.text, 9, entry.cents > 0 ? green : ink);
    writeRight(page, euro(balance), right - 8, y, fonts.text, 9, ink);
    page.drawLine({ start: { x: margin, y: y - 6 }, end: { x: right, y: y - 6 }, thickness: 0.5, color: line });
    y -= 18;
  }
  page.drawRectangle({ x: margin, y: y - 9, width: right - margin, height: 21, color: tint });
  write(page, `Balance on ${dayName(month, lastDay(month))}`, margin + 62, y - 2, fonts.bold, 9.5, ink);
  writeRight(page, euro(opening + sum(entries)), right - 8, y - 2, fonts.bold, 9.5, ink);

  const pages = pdf.getPages();
  for (const [index, each] of pages.entries()) footer(each, fonts, index + 1, pages.length);
  return pdf.save();
}

function letterhead(page: PDFPage, fonts: Fonts): void {
  page.drawRectangle({ x: 0, y: height - 8, width, height: 8, color: green });
  page.drawRectangle({ x: margin, y: height - 72, width: 32, height: 32, color: green });
  page.drawText('AG', { x: margin + 6.5, y: height - 62, size: 15, font: fonts.serif, color: rgb(1, 1, 1) });
  write(page, 'AG Bank', margin + 44, height - 62, fonts.serif, 19, ink);
  writeRight(page, '1 Counter Square, 1000 Avenmouth', right, height - 53, fonts.text, 8.5, grey);
  writeRight(page, 'bank.localhost', right, height - 65, fonts.text, 8.5, grey);
}

function addressBlock(page: PDFPage, fonts: Fonts, customer: Customer | undefined): void {
  const lines = customer ? [`${customer.firstName} ${customer.lastName}`, ...customer.address] : ['The account holder'];
  for (const [index, text] of lines.entries()) {
    write(page, text, margin, height - 130 - index * 14, index === 0 ? fonts.bold : fonts.text, 10.5, ink);
  }
}

function title(page: PDFPage, fonts: Fonts, account: Account, month: Month): void {
  write(page, 'Account statement', margin, 636, fonts.serif, 25, ink);
  write(
    page,
    `${monthName(month)}  \u00b7  ${account.name}  \u00b7  ${account.iban}`,
    margin,
    616,
    fonts.text,
    10.5,
    grey,
  );
}

function summary(page: PDFPage, fonts: Fonts, opening: number, cents: number[]): void {
  const into = cents.filter((each) => each > 0).reduce((a, b) => a + b, 0);
  const out = cents.filter((each) => each < 0).reduce((a, b) => a + b, 0);
  page.drawRectangle({ x: margin, y: 536, width: right - margin, height: 58, color: tint });
  const cells: [string, string][] = [
    ['Opening balance', euro(opening)],
    ['Money in', change(into)],
    ['Money out', change(out)],
    ['Closing balance', euro(opening + into + out)],
  ];
  const step = (right - margin) / cells.length;
  for (const [index, [name, value]] of cells.entries()) {
    write(page, name, margin + 14 + index * step, 572, fonts.text, 8.5, grey);
    write(page, value, margin + 14 + index * step, 552, fonts.serif, 14, index === 1 ? green : ink);
  }
}

function tableHead(page: PDFPage, fonts: Fonts, y: number): number {
  write(page, 'Date', margin + 8, y, fonts.bold, 8.5, grey);
  write(page, 'Description', margin + 62, y, fonts.bold, 8.5, grey);
  writeRight(page, 'Amount', right - 92, y, fonts.bold, 8.5, grey);
  writeRight(page, 'Balance', right - 8, y, fonts.bold, 8.5, grey);
  page.drawLine({ start: { x: margin, y: y - 7 }, end: { x: right, y: y - 7 }, thickness: 1, color: green });
  return y - 22;
}

function footer(page: PDFPage, fonts: Fonts, number: number, count: number): void {
  write(
    page,
    'AG Bank is a bank in a demonstration. Nobody and nothing in this statement is real.',
    margin,
    40,
    fonts.text,
    8,
    grey,
  );
  writeRight(page, `Page ${number} of ${count}`, right, 40, fonts.text, 8, grey);
}

function write(page: PDFPage, text: string, x: number, y: number, font: PDFFont, size: number, color = ink): void {
  page.drawText(printable(text), { x, y, font, size, color });
}

function writeRight(page: PDFPage, text: string, x: number, y: number, font: PDFFont, size: number, color = ink): void {
  write(page, text, x - font.widthOfTextAtSize(printable(text), size), y, font, size, color);
}

/** The standard fonts know Western European letters only, and no minus sign. */
function printable(text: string): string {
  const western = text.replaceAll('\u2212', '\u2013').normalize('NFC');
  return [...western]
    .map((letter) => (/[\u0020-\u007e\u00a0-\u00ff\u20ac\u2013\u2019]/.test(letter) ? letter : '?'))
    .join('');
}
