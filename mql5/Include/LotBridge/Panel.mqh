//+------------------------------------------------------------------+
//| LotBridge: a panel on the chart: lines of text, and buttons.     |
//+------------------------------------------------------------------+
#ifndef LOTBRIDGE_PANEL_MQH
#define LOTBRIDGE_PANEL_MQH

//--- more lines are not shown
#define LB_PANEL_LINES 24
//--- a line is cut after so many characters: a label takes 63
#define LB_PANEL_WIDTH 63
//--- pixels
#define LB_PANEL_LEFT     10
#define LB_PANEL_TOP      24
#define LB_PANEL_STEP     16
#define LB_PANEL_BUTTON_X 110
#define LB_PANEL_BUTTON_Y 22

class CLbPanel
  {
private:
   string            m_prefix;
   string            m_lines[];
   int               m_count;
   int               m_shown;
   int               m_buttons;

   string            LineName(const int at) { return m_prefix + "line" + IntegerToString(at); }
   string            ButtonName(const int at) { return m_prefix + "button" + IntegerToString(at); }

public:
   void              Init(const string prefix);
   void              Clear(void);
   void              Button(const string text);
   void              SetButton(const int at, const string text);
   void              Begin(void) { m_count = 0; }
   void              Line(const string text);
   //--- the last lines of a text of many, each after `before`
   void              Last(const string text, const int most, const string before);
   void              Draw(void);
   //--- which button was clicked, from 0; -1: none
   int               Clicked(const int id, const string name);
  };

//+------------------------------------------------------------------+
void CLbPanel::Init(const string prefix)
  {
   m_prefix  = prefix;
   m_count   = 0;
   m_shown   = 0;
   m_buttons = 0;
   if(ArrayResize(m_lines, LB_PANEL_LINES) < 0)
      Print("LotBridge: no memory for the panel");
  }

//+------------------------------------------------------------------+
void CLbPanel::Clear(void)
  {
   ObjectsDeleteAll(0, m_prefix);
   m_shown   = 0;
   m_buttons = 0;
   ChartRedraw(0);
  }

//+------------------------------------------------------------------+
void CLbPanel::Button(const string text)
  {
   string name = ButtonName(m_buttons);
   ObjectCreate(0, name, OBJ_BUTTON, 0, 0, 0.0);
   ObjectSetInteger(0, name, OBJPROP_XDISTANCE, LB_PANEL_LEFT + m_buttons * (LB_PANEL_BUTTON_X + 6));
   ObjectSetInteger(0, name, OBJPROP_YDISTANCE, LB_PANEL_TOP);
   ObjectSetInteger(0, name, OBJPROP_XSIZE, LB_PANEL_BUTTON_X);
   ObjectSetInteger(0, name, OBJPROP_YSIZE, LB_PANEL_BUTTON_Y);
   ObjectSetString(0, name, OBJPROP_TEXT, text);
   m_buttons++;
  }

//+------------------------------------------------------------------+
void CLbPanel::SetButton(const int at, const string text)
  {
   ObjectSetString(0, ButtonName(at), OBJPROP_TEXT, text);
   ChartRedraw(0);
  }

//+------------------------------------------------------------------+
void CLbPanel::Line(const string text)
  {
   if(m_count >= LB_PANEL_LINES || m_count >= ArraySize(m_lines))
      return;
   m_lines[m_count] = text;
   m_count++;
  }

//+------------------------------------------------------------------+
void CLbPanel::Last(const string text, const int most, const string before)
  {
   int starts[];
   int count = 0;
   int at    = 0;
   while(at >= 0 && at < StringLen(text))
     {
      if(ArrayResize(starts, count + 1, 64) < 0)
         return;
      starts[count] = at;
      count++;
      at = StringFind(text, "\n", at);
      if(at >= 0)
         at++;
     }
   int first = 0;
   if(count > most)
      first = count - most;
   for(int i = first; i < count; i++)
     {
      int end = StringFind(text, "\n", starts[i]);
      if(end < 0)
         end = StringLen(text);
      Line(before + StringSubstr(text, starts[i], end - starts[i]));
     }
  }

//+------------------------------------------------------------------+
void CLbPanel::Draw(void)
  {
   int top = LB_PANEL_TOP;
   if(m_buttons > 0)
      top += LB_PANEL_BUTTON_Y + 8;
   for(int i = 0; i < m_count; i++)
     {
      string name = LineName(i);
      if(i >= m_shown)
        {
         ObjectCreate(0, name, OBJ_LABEL, 0, 0, 0.0);
         ObjectSetInteger(0, name, OBJPROP_XDISTANCE, LB_PANEL_LEFT);
         ObjectSetInteger(0, name, OBJPROP_YDISTANCE, top + i * LB_PANEL_STEP);
         ObjectSetInteger(0, name, OBJPROP_FONTSIZE, 9);
         ObjectSetString(0, name, OBJPROP_FONT, "Consolas");
        }
      string text = m_lines[i];
      if(StringLen(text) > LB_PANEL_WIDTH)
         text = StringSubstr(text, 0, LB_PANEL_WIDTH - 3) + "...";
      //--- a label without a text shows its own name
      if(StringLen(text) == 0)
         text = " ";
      ObjectSetString(0, name, OBJPROP_TEXT, text);
     }
   for(int i = m_count; i < m_shown; i++)
      ObjectDelete(0, LineName(i));
   m_shown = m_count;
   ChartRedraw(0);
  }

//+------------------------------------------------------------------+
int CLbPanel::Clicked(const int id, const string name)
  {
   if(id != CHARTEVENT_OBJECT_CLICK)
      return -1;
   for(int i = 0; i < m_buttons; i++)
     {
      if(ButtonName(i) == name)
        {
         //--- it springs back
         ObjectSetInteger(0, name, OBJPROP_STATE, 0);
         return i;
        }
     }
   return -1;
  }

#endif
